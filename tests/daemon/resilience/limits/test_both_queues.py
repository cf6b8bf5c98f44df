"""The order over both queues together: outside for a place, further in for a ticket."""

from functools import partial

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_daemon.resilience.exchange import Answered, Rank

pytestmark = pytest.mark.anyio


def names(insurer):
    return [name for name, _ in insurer.came]


async def test_thirteen_of_600_batch_passed_an_interactive_at_the_bulkhead(make_insurer):
    insurer = make_insurer(per_second=2, at_once=500, latency_s=12.0)
    async with anyio.create_task_group() as group:
        for name in range(600):
            group.start_soon(partial(insurer.ask, name, rank=Rank.BATCH, left_s=3000.0))
        await anyio.sleep(0.125)
        group.start_soon(insurer.ask, "interactive")
        await anyio.sleep(30.0)
        group.cancel_scope.cancel()
    assert names(insurer).index("interactive") == 2
    assert dict(insurer.came)["interactive"] == 2.0
    assert insurer.idle()


async def test_a_place_was_kept_while_waiting_for_a_ticket(make_insurer):
    insurer = make_insurer(per_second=1, at_once=2, latency_s=10.0)
    async with anyio.create_task_group() as group:
        group.start_soon(partial(insurer.ask_all, "abc", rank=Rank.BATCH))
        await anyio.sleep(0.125)
        group.start_soon(insurer.ask, "interactive")
    assert insurer.came[:3] == [("a", 0), ("interactive", 2), ("b", 10)]


async def test_an_interactive_passes_those_who_keep_their_places_and_come_again(make_insurer):
    insurer = make_insurer(per_second=1, at_once=20)

    async def twice(exchange):
        await insurer._limited(exchange)
        return await insurer._limited(exchange)

    async def ask_twice(name):
        exchange = insurer.exchange(name, rank=Rank.BATCH)
        await insurer.bulkhead.run(exchange, twice)

    async with anyio.create_task_group() as group:
        for name in "abcd":
            group.start_soon(ask_twice, name)
        await anyio.sleep(2.5)
        group.start_soon(insurer.ask, "interactive")
    assert dict(insurer.came)["interactive"] == 3
    assert len(insurer.came) == 9
    assert insurer.idle()


async def test_who_let_somebody_pass_that_gave_up_in_that_moment_goes_itself(make_insurer):
    for _ in range(20):  # who is woken first is chance
        insurer = make_insurer(per_second=1, at_once=5)
        async with anyio.create_task_group() as group:
            group.start_soon(insurer.ask, "first")
            await anyio.lowlevel.checkpoint()
            comes_again = insurer.exchange("comes again", rank=Rank.BATCH)
            group.start_soon(insurer._limited, comes_again)
            with anyio.move_on_after(1.0):
                await insurer.ask("gives up")
        assert insurer.came[-1] == ("comes again", 1 if len(insurer.came) == 2 else 2)


async def test_who_waits_outside_for_a_ticket_is_told_what_it_lacks(make_insurer):
    insurer = make_insurer(per_minute=1, at_once=5)
    await insurer.ask("a")
    trouble = await insurer.ask("b")
    assert trouble.message == "per_minute = 1 leaves no room before the deadline"
    assert trouble.retry_after_s == 60


PERSON = st.tuples(
    st.integers(0, 40).map(lambda n: n / 8),  # comes
    st.none() | st.integers(0, 40).map(lambda n: n / 8),  # is cancelled so much later
    st.sampled_from(list(Rank)),
    st.booleans(),  # continuing
    st.sampled_from("ab"),
    st.lists(st.integers(1, 16).map(lambda n: n / 8), max_size=2),  # waits before its retries
)


class Watched:
    """People with retries, and who waited for what at every sending and in between."""

    def __init__(self, insurer):
        self.insurer = insurer
        self.waiting = {}  # name → (class, client, came), before the first sending
        self.passed = []
        self.idle_at = []

    async def live(self, name, person):
        comes, gives_up, rank, continuing, client, retries = person
        await anyio.sleep(comes)
        how = {"left_s": 500.0, "rank": rank, "continuing": continuing, "client": client}
        exchange = self.insurer.exchange(name, **how)
        class_ = (rank, not continuing)
        self.waiting[name] = (class_, client, comes)

        async def sending():
            now = self.insurer.now()
            me = self.waiting.pop(name, None)
            if me is not None or self.places_left():  # else it has a place that nobody can have
                self.note(name, class_, me, now)
            return await exchange.send()

        async def with_retries(exchange):
            result = await self.insurer._limited(exchange)
            for wait_s in retries:
                await anyio.sleep(wait_s)
                result = await self.insurer._limited(exchange)
            return result

        with anyio.move_on_after(gives_up):
            result = await self.insurer.bulkhead.run(exchange.sent_by(sending), with_retries)
            assert result == Answered(name)
        self.waiting.pop(name, None)

    def places_left(self):
        return self.insurer.limiter.status(anyio.current_time())[-1].left

    def note(self, name, class_, me, now):
        """Who goes now though somebody who goes before it has waited for longer than now."""
        for other, (others_class, client, came) in self.waiting.items():
            if came == now:
                continue
            alike = me is not None and (others_class, client) == me[:2] and came < me[2]
            if others_class < class_ or alike:
                self.passed.append((name, other, now))

    async def look_for_idleness(self):
        """Between the moments at which anything happens."""
        await anyio.sleep(1 / 16)
        while True:
            states = self.insurer.limiter.status(anyio.current_time())
            if all(state.left for state in states) and any(state.waiting for state in states):
                self.idle_at.append(self.insurer.now())
            await anyio.sleep(1 / 8)


@settings(max_examples=120, deadline=None)
@given(
    people=st.lists(PERSON, min_size=2, max_size=25),
    limits=st.fixed_dictionaries(
        {
            "per_second": st.integers(1, 3),
            "at_once": st.sampled_from([1, 2, 3, 50]),
            "latency_s": st.sampled_from([0.0, 0.125, 1.0, 3.0]),
        }
    ),
    pause=st.none() | st.tuples(st.integers(0, 40), st.integers(1, 40), st.integers(1, 40)),
)
async def test_nobody_passes_who_goes_before_it_and_nothing_is_left_unused(
    people, limits, pause, make_insurer
):
    insurer = make_insurer(**limits)
    watched = Watched(insurer)

    async def pauses(begins, lasts, ends):
        await anyio.sleep(begins / 8)
        insurer.limiter.pause(lasts / 8)
        await anyio.sleep(ends / 8)
        insurer.limiter.resume()

    async with anyio.create_task_group() as watching:
        if pause is None:  # while paused there is room, and they wait all the same
            watching.start_soon(watched.look_for_idleness)
        async with anyio.create_task_group() as group:
            if pause is not None:
                group.start_soon(pauses, *pause)
            for name, person in enumerate(people):
                group.start_soon(watched.live, name, person)
        watching.cancel_scope.cancel()
    assert watched.passed == []
    assert watched.idle_at == []
    assert insurer.most_inside <= limits["at_once"]
    assert insurer.idle()
