"""Who waits for an insurer's limits: not in vain, not behind worse ones, and gets what is ready."""

from collections.abc import Iterator
from typing import Any

from osago_core.offer import FailureKind
from osago_daemon.resilience.exchange import Rank
from osago_daemon.resilience.limits.port import MAX_PAUSE_S
from osago_daemon.resilience.trouble import TroubleKind
from tests.simulation.invariants.limits import windows_of
from tests.simulation.invariants.requests import name
from tests.simulation.invariants.runs import events_of, outcomes_of
from tests.simulation.ledger import ANSWERED, CANCELLED, PENDING, Request
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import Evidence, RunRecord

EPS_S = 1e-5
IN_TIME_S = 3.0
"""Decided so long before the deadline, an application brings its offer, ..."""
QUICK_S = 1.0
"""... where no request takes longer than this."""
UNANSWERED = {TroubleKind.RESET, TroubleKind.TIMEOUT, CANCELLED}


def nobody_is_refused_who_had_a_chance(evidence: Evidence) -> Iterator[str]:
    """Our own limits, replayed: even behind everybody who may wait, none frees in time."""
    for record in evidence.records:
        for event, at in outcomes_of(record):
            if event["type"] != "failed" or event["kind"] != FailureKind.THROTTLED:
                continue
            insurer = event["insurer"]
            sent = evidence.ledger.between(record.run.id, insurer)
            if any(request.text == event["message"] for request in sent):
                continue  # it was they
            plan = next(plan for plan in evidence.plan.insurers if plan.id == insurer)
            free_at = _free_at(evidence, plan, record, at)
            if free_at < record.run.deadline.at - EPS_S and at < record.run.deadline.at - EPS_S:
                yield (
                    f"{record.run.id} at {at - evidence.began:.3f}: {insurer} refused as "
                    f"throttled, but by {free_at - at:.3f} s later there would have been room, "
                    f"{record.run.deadline.at - free_at:.3f} s before the deadline"
                )


def _free_at(evidence: Evidence, plan: InsurerPlan, record: RunRecord, now: float) -> float:
    """When there is room at the latest, were all under way answered now."""
    requests = [request for request in evidence.ledger.of(plan.id) if request.sent_at <= now]
    grants = sorted(_end(plan, request, now) for request in requests)
    start = max([now, *(_silent_until(request, now) for request in requests)])
    windows = windows_of(plan)
    for _ in range(_others(evidence, plan.id, record, now, requests) + 1):
        frees = (grants[-most] + for_s for most, for_s in windows if len(grants) >= most)
        grants.append(max([start, *frees]))
    return grants[-1]


def _end(plan: InsurerPlan, request: Request, now: float) -> float:
    """From when on its windows run: it can't arrive later, as far as is known now."""
    over = request.ended_at is not None and request.ended_at <= now
    if over and request.result not in UNANSWERED:
        assert request.ended_at is not None
        return request.ended_at
    return min(now, request.sent_at + plan.numbers.limits.arrival_s)


def _silent_until(request: Request, now: float) -> float:
    if request.result != TroubleKind.THROTTLED or request.ended_at is None:
        return now
    asked_s = min(request.retry_after_s or 0.0, MAX_PAUSE_S)
    return request.ended_at + asked_s if request.ended_at <= now else now


def _others(
    evidence: Evidence, insurer: str, but: RunRecord, now: float, requests: list[Request]
) -> int:
    """How many may wait there at that moment: their runs go on and nothing is under way."""
    under_way = {
        request.run
        for request in requests
        if request.sent_at < now and (request.ended_at is None or request.ended_at > now)
    }
    count = 0
    for record in evidence.records:
        if record is but or insurer not in record.quote.insurers or record.run.id in under_way:
            continue
        ends = [at for event, at in outcomes_of(record) if event["insurer"] == insurer]
        ends += [record.run.deadline.at, *record.told_at[-1:]]
        count += record.began_at <= now <= min(ends)
    return count


def no_batch_passes_who_is_interactive(evidence: Evidence) -> Iterator[str]:
    """Who waits for a limit is sent before every worse one that has no place there yet."""
    ranks = {record.run.id: record.quote.rank for record in evidence.records}
    waits = [
        wait
        for record in evidence.records
        if record.quote.rank is Rank.INTERACTIVE
        for wait in _waits(record)
    ]
    for plan in evidence.plan.insurers:
        here = [(since, until, run) for insurer, since, until, run in waits if insurer == plan.id]
        # Whoever has a place and comes again may keep it from those who wait for one.
        places = plan.numbers.limits.at_once > len(evidence.plan.quotes)
        for request in evidence.ledger.of(plan.id) if here else ():
            if ranks[request.run] is not Rank.BATCH or (request.nth > 1 and not places):
                continue
            for since, until, run in here:
                if since + EPS_S < request.sent_at < until - EPS_S:
                    since_s = since - evidence.began
                    yield f"{name(evidence, request)} sent while {run} waited since {since_s:.3f}"
                    break


def _waits(record: RunRecord) -> Iterator[tuple[str, float, float, str]]:
    """Where, from when, until when a run waited for our limits."""
    since: dict[str, float] = {}
    for event, at in zip(events_of(record), record.told_at, strict=True):
        insurer = event.get("insurer")
        if insurer is None:
            continue
        if event.get("state") == "queued":
            since.setdefault(insurer, at)
        elif insurer in since:
            yield insurer, since.pop(insurer), at, record.run.id


def what_is_decided_in_time_is_told(evidence: Evidence) -> Iterator[str]:
    """At an insurer that nothing ails, for whoever did not wait for limits of ours."""
    records = {record.run.id: record for record in evidence.records}
    well = {plan.id for plan in evidence.plan.insurers if _is_well(evidence, plan.id)}
    for (run, insurer), decided_at in evidence.ledger.decided.items():
        record = records[run]
        if insurer not in well or record.stopped_at is not None:
            continue
        if decided_at > record.run.deadline.at - IN_TIME_S:
            continue
        told = [event for event in events_of(record) if event.get("insurer") == insurer]
        if any(_is_said(event) for event in told):
            continue
        early_s = record.run.deadline.at - decided_at
        yield f"{run}: {insurer} decided {early_s:.3f} s before the deadline, and nobody was told"


def _is_said(event: dict[str, Any]) -> bool:
    """The decision; or a refusal by our own limits or a bug, which other invariants judge."""
    if event["type"] == "failed":
        return event["kind"] in {FailureKind.THROTTLED, FailureKind.INTERNAL}
    return event["type"] in {"offer", "declined"} or event.get("state") == "queued"


def _is_well(evidence: Evidence, insurer: str) -> bool:
    """Answers everything, quickly, and was never left alone."""
    return not evidence.ledger.changes[insurer] and all(
        request.ended_at is not None
        and request.ended_at - request.sent_at <= QUICK_S
        and request.result in {ANSWERED, PENDING, CANCELLED}
        for request in evidence.ledger.of(insurer)
    )
