"""What a run owes its client over all lives of its daemon: one story, one end, and the truth."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from osago_core.offer import Declined, Offer
from osago_daemon.quoting import keeping
from tests.simulation.crowd.happened import Given, Happened, Record
from tests.simulation.world import GRACE_S

EPS_S = 1e-6
OUTCOMES = ("offer", "declined", "failed")


def outcomes_of(record: Record) -> list[tuple[dict[str, Any], float]]:
    """The outcomes of a run, each with when it was told."""
    events = ((told.event, told.at) for told in record.told)
    return [(event, at) for event, at in events if event["type"] in OUTCOMES]


def a_run_is_told_once_and_in_order(happened: Happened) -> Iterator[str]:
    """Before and after a kill it is one sequence, for whoever stays and whoever comes back."""
    for record in happened.records:
        events = [told.event for told in record.told]
        if record.changed:
            yield f"{record.id}: {record.changed}"
        if (numbers := [event["seq"] for event in events]) != list(range(1, len(events) + 1)):
            yield f"{record.id}: seq is {numbers}"
        dones = [event["seq"] for event in events if event["type"] == "done"]
        if dones != [len(events)] and (dones or is_owed_an_end(record)):
            yield f"{record.id}: {len(events)} events, done at {dones}"
        lines = [told.line for told in record.told]
        if record.seen != lines[: len(record.seen)]:
            yield f"{record.id}: its client saw something else than was told"
        if record.stays and is_owed_an_end(record) and len(record.seen) < len(lines):
            yield f"{record.id}: its client saw {len(record.seen)} of {len(lines)} events"


def is_owed_an_end(record: Record) -> bool:
    """Its daemon lives, and came back before it may have forgotten it."""
    return bool(record.lives[-1].alive) and not record.forgotten


def a_run_ends_in_time(happened: Happened) -> Iterator[str]:
    """By its deadline, its stop, or as soon as its daemon is back."""
    for record in happened.records:
        if not record.told or record.told[-1].event["type"] != "done":
            continue
        bound = max(record.deadline_at, record.since(record.lives[-1]))
        if record.stopped_at is not None and len(record.lives) == 1:
            bound = min(bound, record.stopped_at)
        if (late_s := record.told[-1].at - bound) > GRACE_S:
            yield f"{record.id}: ended {late_s:.3f} s late"


def everybody_asked_has_one_outcome(happened: Happened) -> Iterator[str]:
    """At most one if the run was stopped; and it says why it ended."""
    for record in happened.records:
        found = Counter(event["insurer"] for event, _at in outcomes_of(record))
        for insurer, times in found.items():
            if times > 1 or insurer not in record.visit.insurers:
                yield f"{record.id}: {times} outcomes of {insurer}"
        missing = [insurer for insurer in record.visit.insurers if insurer not in found]
        last = record.told[-1].event if record.told else {}
        if last.get("type") == "done" and missing:
            reason = last["reason"]
            if record.stopped_at is None or reason not in {"cancelled", "draining"}:
                yield f"{record.id}: ended as {reason} without {missing}"


def no_outcome_is_invented(happened: Happened) -> Iterator[str]:
    """An offer or a decline is one that the insurer gave before, for that application."""
    for record in happened.records:
        for event, at in outcomes_of(record):
            if event["type"] != "failed" and given_of(happened, record, event, at) is None:
                yield f"{record.id}: {event['insurer']} never gave {event['type']}"


def a_refresh_is_told_nothing_old(happened: Happened) -> Iterator[str]:
    """Only what the insurer said after it was asked for anew.

    When that was is a matter of wall clocks: where one has jumped nobody can tell. And a daemon
    without the store may not know that there is something old.
    """
    if happened.jumps:
        return
    for record in happened.records:
        if record.visit.cache != "refresh" or any(life.was_away for life in record.lives):
            continue
        for event, at in outcomes_of(record):
            given = given_of(happened, record, event, at)
            if given is not None and given.at < record.began_at - EPS_S:
                old_s = record.began_at - given.at
                yield f"{record.id}: {event['insurer']} said that {old_s:.3f} s before"


def who_has_joined_hears_it_too(happened: Happened) -> Iterator[str]:
    """When somebody is told an answer, all who have joined that call are told it then."""
    for record in happened.records:
        for event, at in outcomes_of(record):
            if event["type"] == "failed" or event["source"] == "cache":
                continue
            for other in happened.records:
                if other is not record and _waits(happened, other, record, event["insurer"], at):
                    theirs = [
                        what["source"] == "cache" or same(what, event)
                        for what, when in outcomes_of(other)
                        if what["insurer"] == event["insurer"] and when <= at + EPS_S
                    ]
                    if not all(theirs) or not theirs:
                        at_s = at - happened.began
                        yield (
                            f"{other.id} was not told what {event['insurer']} said to "
                            f"{record.id} at {at_s:.3f}"
                        )


def _waits(happened: Happened, other: Record, record: Record, insurer: str, at: float) -> bool:
    """Whether it had joined before, and was not told or over yet."""
    life = other.life_at(at)
    if life is None or other.keys.get(insurer) != record.keys[insurer] or _died_by(life, at):
        return False
    if any(one.was_away for one in (*record.lives, *other.lives)):
        return False
    if other.visit.cache == "refresh" and happened.jumps:  # it may take that for older than itself
        return False
    ends = [other.deadline_at, *([other.stopped_at] if other.stopped_at is not None else [])]
    if min(ends) <= at + EPS_S:
        return False
    before = [
        told.event
        for told in other.told
        if other.since(life) <= told.at < at - EPS_S and told.event.get("insurer") == insurer
    ]
    return bool(before) and before[-1].get("state") == "joined"


def _died_by(life: Any, at: float) -> bool:
    return life.died_at is not None and life.died_at <= at + EPS_S


def who_waits_hears_what_came_of_it(happened: Happened) -> Iterator[str]:
    """Every daemon is told the same of one call, and at that moment."""
    for heard in happened.heard:
        finished = happened.finished.get(heard.call)
        if heard.value is None or finished is None or finished.value is None:
            continue
        where = f"{heard.life.name} at {heard.at - happened.began:.3f}"
        told = keeping.decode(heard.value, version="")
        if told != keeping.decode(finished.value, version=""):
            yield f"{where} heard something else of call {heard.call.token}"
        if heard.at > max(finished.at, heard.since) + EPS_S:
            yield f"{where} heard of call {heard.call.token} late"


def given_of(happened: Happened, record: Record, event: dict[str, Any], at: float) -> Given | None:
    """The first time that it was given."""
    key = record.keys[event["insurer"]]
    for given in happened.given:
        if given.key == key and given.at <= at + EPS_S and tells(event, given.outcome):
            return given
    return None


def tells(event: dict[str, Any], outcome: Offer | Declined) -> bool:
    """Whether the event tells of that."""
    if isinstance(outcome, Declined):
        return event["type"] == "declined" and event["message"] == outcome.message
    wanted = (outcome.insurer_quote_id, float(outcome.premium))
    return event["type"] == "offer" and (event["insurer_quote_id"], event["premium"]) == wanted


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether they tell of the same outcome."""
    names = ("type", "insurer_quote_id", "premium", "message", "kind")
    return all(one.get(name) == other.get(name) for name in names)
