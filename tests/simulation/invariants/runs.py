"""What a run owes its client: numbered events, one end in time, every answer, and none invented."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from osago_core.offer import Declined, FailureKind, Offer
from osago_daemon.quoting.outcome import KINDS
from osago_daemon.resilience.numbers import LimitNumbers
from osago_daemon.resilience.trouble import TroubleKind
from tests.simulation.ledger import CANCELLED
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import GRACE_S, Evidence, RunRecord

EPS_S = 1e-6
CUT_OFF = "nothing within the deadline"
OUTCOMES = ("offer", "declined", "failed")


def events_of(record: RunRecord) -> list[dict[str, Any]]:
    """The events of a run as JSON objects."""
    return [json.loads(line)["params"] for line in record.run.lines]


def outcomes_of(record: RunRecord) -> list[tuple[dict[str, Any], float]]:
    """The outcomes of a run, each with when it was told."""
    told = zip(events_of(record), record.told_at, strict=True)
    return [(event, at) for event, at in told if event["type"] in OUTCOMES]


def events_are_numbered_and_end_with_one_done(evidence: Evidence) -> Iterator[str]:
    """`seq` counts from 1 without gaps; exactly one `done`, and it is the last."""
    for record in evidence.records:
        events = events_of(record)
        numbers = [event["seq"] for event in events]
        if numbers != list(range(1, len(events) + 1)):
            yield f"{record.run.id}: seq is {numbers}"
        dones = [event["seq"] for event in events if event["type"] == "done"]
        if dones != [len(events)]:
            yield f"{record.run.id}: {len(events)} events, done at {dones}"


def a_watcher_sees_everything_in_order(evidence: Evidence) -> Iterator[str]:
    """From the first event to the last, or to where it left."""
    for record in evidence.records:
        lines, seen = record.run.lines, record.seen
        if seen != lines[: len(seen)]:
            yield f"{record.run.id}: the watcher saw something else than was told"
        if record.quote.leave_after_s is None and len(seen) < len(lines):
            yield f"{record.run.id}: a watcher that stayed saw {len(seen)} of {len(lines)} events"


def a_run_ends_in_time(evidence: Evidence) -> Iterator[str]:
    """By its deadline, or when it is stopped, or when everybody has answered."""
    for record in evidence.records:
        if record.run.done is None:
            yield f"{record.run.id}: never ended"
            continue
        end_at = record.told_at[-1]
        if end_at > record.run.deadline.at + GRACE_S:
            yield f"{record.run.id}: ended {end_at - record.run.deadline.at:.3f} s late"
        if record.stopped_at is not None and end_at > record.stopped_at + GRACE_S:
            yield f"{record.run.id}: ended {end_at - record.stopped_at:.3f} s after its stop"
        if record.run.done.reason == "complete" and end_at > max(record.told_at[:-1]) + EPS_S:
            yield f"{record.run.id}: everybody had answered, but it went on"


def everybody_asked_has_one_outcome(evidence: Evidence) -> Iterator[str]:
    """At most one if the run was stopped; and it says why it ended."""
    for record in evidence.records:
        found = Counter(event["insurer"] for event, _at in outcomes_of(record))
        for insurer, times in found.items():
            if times > 1 or insurer not in record.quote.insurers:
                yield f"{record.run.id}: {times} outcomes of {insurer}"
        missing = [insurer for insurer in record.quote.insurers if insurer not in found]
        reason = record.run.done.reason if record.run.done else None
        if missing and (record.stopped_at is None or reason not in {"cancelled", "draining"}):
            yield f"{record.run.id}: ended as {reason} without {missing}"


def the_end_tells_its_reason(evidence: Evidence) -> Iterator[str]:
    """`deadline` where somebody was cut off by it, `complete` where nobody was."""
    for record in evidence.records:
        if record.run.done is None or record.run.done.reason not in {"complete", "deadline"}:
            continue
        reason = record.run.done.reason
        cut_off = [e["insurer"] for e, _at in outcomes_of(record) if e.get("message") == CUT_OFF]
        if bool(cut_off) != (reason == "deadline"):
            yield f"{record.run.id}: ended as {reason}, cut off: {cut_off}"
        if reason == "deadline" and record.told_at[-1] < record.run.deadline.at - EPS_S:
            yield f"{record.run.id}: ended as deadline before it"


def no_answer_is_lost_or_late(evidence: Evidence) -> Iterator[str]:
    """What reached us before the run was over is its outcome, and told at that very moment."""
    for record in evidence.records:
        told = {event["insurer"]: (event, at) for event, at in outcomes_of(record)}
        for insurer in record.quote.insurers:
            answers = evidence.ledger.answers.get((record.run.id, insurer), [])
            if len(answers) > 1:
                yield f"{record.run.id}: {insurer} answered {len(answers)} times"
            for answer in answers[:1]:
                event, at = told.get(insurer, (None, None))
                if event is None or not _tells(event, answer.outcome):
                    if not _ended_at(record, answer.at):
                        yield f"{record.run.id}: {insurer}'s answer at {answer.at:.3f} is lost"
                elif at is not None and at > answer.at + EPS_S:
                    yield f"{record.run.id}: {insurer}'s answer told {at - answer.at:.3f} s late"


def no_outcome_is_invented(evidence: Evidence) -> Iterator[str]:
    """An offer or a decline is one that the insurer gave; a failure is one that happened."""
    for record in evidence.records:
        for event, at in outcomes_of(record):
            if event["type"] == "failed":
                yield from _invented_failure(evidence, record, event, at)
                continue
            answers = evidence.ledger.answers.get((record.run.id, event["insurer"]), [])
            if not any(_tells(event, answer.outcome) for answer in answers):
                yield f"{record.run.id}: {event['insurer']} never gave {event['type']}"


def _tells(event: dict[str, Any], outcome: Offer | Declined) -> bool:
    if isinstance(outcome, Declined):
        return event["type"] == "declined" and event["message"] == outcome.message
    wanted = (outcome.insurer_quote_id, float(outcome.premium))
    return event["type"] == "offer" and (event["insurer_quote_id"], event["premium"]) == wanted


def _ended_at(record: RunRecord, at: float) -> bool:
    """Whether the run was over at that moment: then either may come first."""
    ends = [record.run.deadline.at, *([record.stopped_at] if record.stopped_at else [])]
    return min(ends) <= at + EPS_S


def _invented_failure(
    evidence: Evidence, record: RunRecord, event: dict[str, Any], at: float
) -> Iterator[str]:
    insurer, kind = event["insurer"], FailureKind(event["kind"])
    requests = evidence.ledger.between(record.run.id, insurer)
    if any(
        r.text == event["message"] and KINDS[TroubleKind(r.result)] is kind
        for r in requests
        if r.text is not None
    ):
        return
    plan = next(plan for plan in evidence.plan.insurers if plan.id == insurer)
    where = f"{record.run.id} at {at - evidence.began:.3f}: {insurer} failed as {kind}"
    if kind is FailureKind.TIMEOUT:
        timeout_s = plan.numbers.attempt_timeout_s
        cut = any(
            r.result == CANCELLED and r.ended_at - r.sent_at >= timeout_s - EPS_S for r in requests
        )
        held_off = any(
            r.retry_after_s and r.ended_at + r.retry_after_s >= record.run.deadline.at - EPS_S
            for r in requests
        )
        if not cut and not held_off and at < record.run.deadline.at - EPS_S:
            yield f"{where}, but there was time"
    elif kind is FailureKind.UNAVAILABLE:
        if not _was_left_alone(evidence, insurer, at):
            yield f"{where}, but its breaker was closed"
    elif kind is FailureKind.THROTTLED:
        if not _has_limits(plan) and not _was_asked_for_silence(evidence, insurer, at):
            yield f"{where}, but there is no limit"
    else:
        yield f"{where}, which never happened ({event['message']})"


def _has_limits(plan: InsurerPlan) -> bool:
    limits = plan.numbers.limits
    windows = (limits.per_second, limits.per_minute, limits.per_day)
    return any(windows) or limits.at_once < LimitNumbers().at_once


def _was_asked_for_silence(evidence: Evidence, insurer: str, at: float) -> bool:
    """Whether it had refused somebody with a `Retry-After` that was not over."""
    return any(
        r.result == TroubleKind.THROTTLED and r.ended_at <= at <= r.ended_at + r.retry_after_s
        for r in evidence.ledger.of(insurer)
        if r.retry_after_s and r.ended_at is not None
    )


def _was_left_alone(evidence: Evidence, insurer: str, at: float) -> bool:
    """Whether its breaker was anything but closed at that moment, or at its edges."""
    state = "closed"
    for turned_at, new in evidence.ledger.transitions[insurer]:
        if turned_at > at + EPS_S:
            break
        if abs(turned_at - at) <= EPS_S and "closed" not in {state, new}:
            return True
        if abs(turned_at - at) <= EPS_S and state != new:
            return True
        state = new
    return state != "closed"
