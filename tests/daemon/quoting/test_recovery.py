"""A daemon is killed in the middle of runs and another one goes on."""

import json
from dataclasses import dataclass, field

import anyio
import pytest

from osago_core.application import check
from osago_daemon.quoting import recovery
from osago_daemon.quoting.recovery import Header
from osago_daemon.resilience.exchange import Rank
from tests.daemon.quoting.test_flights import Slow, outcome, start
from tests.support.desk import (
    START,
    another_application,
    decline,
    desk_on,
    ended,
    example,
    offer,
    virtual_hub,
)

pytestmark = pytest.mark.anyio


@dataclass
class Kept:
    """One run in a keeper's memory; implements `KeptRun` and its own `RunWriter`."""

    id: str
    header: bytes
    lines: list[bytes] = field(default_factory=list)
    is_over: bool = False

    @property
    def writer(self):
        return self

    def events(self, lines):
        self.lines += lines

    def over(self):
        self.is_over = True


class Keeper:
    """Survives its daemon."""

    trouble = None

    def __init__(self):
        self.runs = []

    def begin(self, run_id, header, _deadline_at):
        self.runs.append(Kept(run_id, header))
        return self.runs[-1]


def test_a_header_brings_everything_back():
    application = check(example(), today=START.date()).application
    header = Header(
        insurers={"b": "Б", "a": "А"},
        started_at=START,
        deadline_s=60.0,
        day=START.date(),
        cache="refresh",
        rank=Rank.BATCH,
    )
    read, same = recovery.decode(recovery.encode(header, application))
    assert (read, same) == (header, application)
    assert list(read.insurers) == ["b", "a"]


@pytest.mark.parametrize("junk", [b"", b"\n", b"{}\n{}", b"\xff\n\xff"])
def test_junk_is_no_header_and_is_not_quoted(junk):
    with pytest.raises(ValueError, match=r"^not the header of a run$"):
        recovery.decode(junk)


async def killed_and_resumed(before, after, *, at_s, down_s, **how):
    """The events of a run that began before the kill, as its watcher sees them afterwards."""
    keeper, hub = Keeper(), virtual_hub()
    async with desk_on(hub, "one", keeper=keeper, **before) as one:
        start(one, another_application(), **how)
        await anyio.sleep(at_s)
        seen = list(keeper.runs[0].lines)
        hub.kill("one")
        one._tasks.cancel_scope.cancel()
    del keeper.runs[0].lines[len(seen) :]  # whatever it wrote when it was dead
    await anyio.sleep(down_s)
    async with desk_on(hub, "one", keeper=keeper, **after) as two:
        two.resume(keeper.runs[0])
        run = two.get(keeper.runs[0].id)
        events = await ended(run)
        assert run.lines[: len(seen)] == seen
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events


async def test_an_application_that_was_created_is_polled_on_and_the_numbers_go_on():
    a = Slow(polls=20)
    events = await killed_and_resumed({"a": a}, {"a": a}, at_s=5, down_s=3)
    assert (outcome(events)["type"], a.creates) == ("offer", 1)
    assert [event["code"] for event in events if event["type"] == "notice"] == ["resumed"]
    assert events[-1]["reason"] == "complete"


async def test_a_quote_that_was_to_be_asked_anew_was_created_a_second_time_after_the_kill():
    a = Slow(polls=20)
    events = await killed_and_resumed({"a": a}, {"a": a}, at_s=5, down_s=3, cache="refresh")
    assert (outcome(events)["type"], a.creates) == ("offer", 1)


async def test_outcomes_from_before_stay_and_who_was_not_asked_yet_is_asked_now():
    quick, slow = Slow(decline("нет"), polls=0), Slow(polls=20, create_s=6.0)
    events = await killed_and_resumed(
        {"a": quick, "b": slow}, {"a": quick, "b": slow}, at_s=5, down_s=1
    )
    assert outcome(events)["message"] == "нет"
    assert outcome(events, "b")["type"] == "offer"
    assert quick.creates == 1
    assert events[-1]["counts"] == {"asked": 2, "offers": 1, "declined": 1, "failed": 0}


async def test_a_create_that_was_under_way_and_can_not_be_repeated_is_reported():
    a = Slow(create_s=6.0, repeatable=False)
    events = await killed_and_resumed({"a": a}, {"a": a}, at_s=5, down_s=1)
    assert (outcome(events)["kind"], a.creates) == ("connection", 1)


async def test_a_run_whose_time_passed_meanwhile_ends_with_what_had_arrived():
    quick, slow = Slow(offer(), polls=0), Slow(polls=100)
    insurers = {"a": quick, "b": slow}
    events = await killed_and_resumed(insurers, insurers, at_s=5, down_s=100, deadline_s=20.0)
    assert outcome(events)["type"] == "offer"
    assert outcome(events, "b")["kind"] == "timeout"
    assert events[-1]["reason"] == "deadline"


async def test_an_insurer_that_is_no_longer_configured_is_reported():
    a, b = Slow(polls=20), Slow(polls=20)
    events = await killed_and_resumed({"a": a, "b": b}, {"a": a}, at_s=5, down_s=1)
    assert outcome(events)["type"] == "offer"
    assert outcome(events, "b")["kind"] == "unavailable"


async def test_a_run_that_was_over_can_be_watched_again():
    keeper, hub = Keeper(), virtual_hub()
    async with desk_on(hub, "one", keeper=keeper, a=Slow()) as one:
        events = await ended(start(one, another_application()))
    assert keeper.runs[0].is_over
    async with desk_on(hub, "one", keeper=keeper, a=Slow()) as two:
        two.resume(keeper.runs[0])
        assert await ended(two.get("q1")) == events
        assert two.active == 0


async def test_an_event_that_can_not_be_read_kept_the_daemon_from_starting():
    application = another_application()
    header = Header(
        insurers={"a": "A"},
        started_at=START,
        deadline_s=60.0,
        day=START.date(),
        cache="use",
        rank=Rank.BATCH,
    )
    async with desk_on(virtual_hub(), a=Slow()) as desk:
        kept = Kept("q7", recovery.encode(header, application), [b'{"params": {"type": "new"}}'])
        desk.resume(kept)
        assert desk.get("q7") is None
        assert kept.is_over


async def test_a_run_that_can_not_be_read_is_lost_without_hurting_others():
    async with desk_on(virtual_hub(), a=Slow()) as desk:
        desk.resume(Kept("q7", b"junk", [json.dumps({}).encode()]))
        assert desk.get("q7") is None
        assert outcome(await ended(start(desk, another_application())))["type"] == "offer"
