"""Asking again until the insurer has decided: what passes, what lasts, what is learned."""

import anyio
import pytest

from osago_daemon.insurers.port import NotYet
from osago_daemon.quoting.poll_loop import MAX_FAILED_POLLS, PollLoop
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

PASSING = [
    TroubleKind.CONNECT,
    TroubleKind.RESET,
    TroubleKind.TIMEOUT,
    TroubleKind.THROTTLED,
    TroubleKind.SERVER_ERROR,
]


class Steady:
    """A pace of one poll a second, that writes down what it is told."""

    def __init__(self):
        self.told = []
        self.took = []

    def next_wait_s(self, elapsed_s, left_s, retry_after_s=None):
        del elapsed_s
        wait_s = max(1.0, retry_after_s or 0.0)
        return wait_s if wait_s < left_s else None

    def exchange_took(self, seconds):
        self.took.append(seconds)

    def pending(self, elapsed_s):
        self.told.append(("pending", elapsed_s))

    def decided(self, elapsed_s):
        self.told.append(("decided", elapsed_s))

    def given_up(self, elapsed_s):
        self.told.append(("given up", elapsed_s))


class Insurer:
    """Says these things in turn; a trouble is raised."""

    def __init__(self, *says):
        self.says = list(says)
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Trouble):
            raise said
        return said


def trouble(kind, retry_after_s=None):
    return Trouble(kind, "as told", retry_after_s=retry_after_s)


async def at_once(send):
    """No policies."""
    return await send()


def loop_of(insurer, pace, *, left_s=60.0, guarded=at_once):
    deadline = Deadline.after(left_s)
    return PollLoop(insurer, guarded=guarded, pace=pace, deadline=deadline, on_wait=lambda: None)


async def polled(insurer, *, left_s=60.0, not_before_s=None):
    """What came of it, when, and what the pace was told."""
    pace, began = Steady(), anyio.current_time()
    loop = loop_of(insurer, pace, left_s=left_s)
    try:
        result = await loop.run(not_before_s)
    except Trouble as raised:
        result = raised.kind
    return result, anyio.current_time() - began, pace.told


async def test_the_pace_learns_when_it_was_pending_and_when_decided():
    result, took_s, told = await polled(Insurer(NotYet(), NotYet(), "offer"))
    assert (result, took_s) == ("offer", 3.0)
    assert told == [("pending", 1.0), ("pending", 2.0), ("decided", 3.0)]


async def test_what_they_ask_for_is_waited_at_first_and_later():
    _, took_s, told = await polled(Insurer(NotYet(7.0), "offer"), not_before_s=5.0)
    assert took_s == 12.0
    assert told[0] == ("pending", 5.0)


@pytest.mark.parametrize("kind", PASSING)
async def test_a_passing_trouble_is_outlived_by_the_next_poll(kind):
    result, took_s, told = await polled(Insurer(trouble(kind), "offer"))
    assert (result, took_s) == ("offer", 2.0)
    assert told == [("decided", 2.0)]  # a failed poll says nothing about the decision


async def test_a_trouble_that_lasts_ends_it():
    insurer = Insurer(trouble(TroubleKind.SERVER_ERROR))
    result, _, told = await polled(insurer)
    assert (result, insurer.asked) == (TroubleKind.SERVER_ERROR, MAX_FAILED_POLLS + 1)
    assert told == [("given up", 4.0)]


async def test_only_troubles_in_a_row_count():
    troubles = [trouble(TroubleKind.RESET)] * MAX_FAILED_POLLS
    says = [*troubles, NotYet(), *troubles, NotYet(), *troubles, "offer"]
    assert (await polled(Insurer(*says)))[0] == "offer"


@pytest.mark.parametrize("kind", sorted(set(TroubleKind) - {*PASSING, TroubleKind.BROKEN_OFF}))
async def test_what_the_next_poll_would_meet_as_well_ends_it_at_once(kind):
    insurer = Insurer(trouble(kind), "offer")
    assert (await polled(insurer))[0] is kind
    assert insurer.asked == 1


async def test_an_open_breaker_is_waited_for_where_that_fits():
    broken_off = trouble(TroubleKind.BROKEN_OFF, retry_after_s=10.0)
    insurer = Insurer(*[broken_off] * 4, "offer")
    assert (await polled(insurer))[:2] == ("offer", 41.0)


async def test_an_open_breaker_beyond_the_deadline_is_told_at_once():
    broken_off = trouble(TroubleKind.BROKEN_OFF, retry_after_s=100.0)
    assert (await polled(Insurer(broken_off)))[:2] == (TroubleKind.BROKEN_OFF, 1.0)


async def test_an_insurer_isolated_for_good_is_told_at_once():
    assert (await polled(Insurer(trouble(TroubleKind.BROKEN_OFF))))[:2] == (
        TroubleKind.BROKEN_OFF,
        1.0,
    )


async def test_a_pause_beyond_the_deadline_is_told_at_once():
    assert (await polled(Insurer(NotYet(90.0))))[:2] == (TroubleKind.TIMEOUT, 1.0)


async def test_without_a_decision_it_ends_with_the_deadline():
    insurer = Insurer(NotYet())
    result, took_s, told = await polled(insurer, left_s=10.0)
    assert (result, took_s, insurer.asked) == (TroubleKind.TIMEOUT, 10.0, 9)
    assert told[-1] == ("given up", 10.0)


async def test_cancelled_polls_are_given_up():
    pace = Steady()
    loop = loop_of(Insurer(NotYet()), pace)
    with anyio.move_on_after(2.5):
        await loop.run(None)
    assert pace.told[-1] == ("given up", 2.5)


async def test_nobody_told_the_pace_how_long_their_answers_take():
    says, pace = [NotYet(), trouble(TroubleKind.RESET), "offer"], Steady()

    async def ask():
        await anyio.sleep(2.0)
        said = says.pop(0)
        if isinstance(said, Trouble):
            raise said
        return said

    await loop_of(ask, pace).run(None)
    assert pace.took == pytest.approx([2.0, 2.0])  # what failed is no answer


async def test_a_wait_of_ours_was_taken_for_their_exchange():
    pace = Steady()

    async def queued_and_retried(send):
        await anyio.sleep(5.0)
        await send()
        await anyio.sleep(3.0)
        return await send()

    async def ask():
        await anyio.sleep(0.25)
        return "offer"

    await loop_of(ask, pace, guarded=queued_and_retried).run(None)
    assert pace.took == pytest.approx([0.25, 0.25])


async def test_a_poll_is_pending_since_it_was_sent_not_since_it_queued():
    pace, says = Steady(), [NotYet(), "offer"]

    async def queued(send):
        await anyio.sleep(5.0)
        return await send()

    async def ask():
        await anyio.sleep(0.5)
        return says.pop(0)

    await loop_of(ask, pace, guarded=queued).run(None)
    assert pace.told[0] == ("pending", 6.0)
