"""Who gives up for want of a budget has none: replayed with all that may have been paid."""

from collections.abc import Iterator

from osago_daemon.resilience.retry import rules
from osago_daemon.resilience.trouble import TroubleKind
from tests.simulation.invariants.requests import (
    SURELY_NOT_ACTED_UPON,
    exchanges,
    name,
    payments,
)
from tests.simulation.invariants.runs import events_of
from tests.simulation.ledger import Request
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import Evidence, RunRecord

EPS_S = 1e-6
ROUNDING = 1e-10
TRIED_AGAIN = frozenset(
    {TroubleKind.CONNECT, TroubleKind.RESET, TroubleKind.THROTTLED, TroubleKind.SERVER_ERROR}
)


def nobody_gives_up_who_can_afford_a_retry(evidence: Evidence) -> Iterator[str]:
    """Where rule, time and budget had room for one more attempt, one more is made."""
    again = _announced(evidence)
    records = {record.run.id: record for record in evidence.records}
    for plan in evidence.plan.insurers:
        if plan.has_login:  # which may fail and be paid for as well, and is no attempt of theirs
            continue
        paid = list(payments(evidence, plan))
        given_up: list[Request] = []
        for attempts in exchanges(evidence, plan.id):
            last = attempts[-1]
            if last.ended_at is None:
                continue
            if (last.run, last.insurer, last.ended_at) in again:
                paid.append((last.ended_at, 1.0))  # paid for, though it was never sent
                continue
            over = _was_over(records[last.run], last.ended_at)
            if last.result in TRIED_AGAIN and not over and _has_room(plan, attempts):
                given_up.append(last)
        paid.sort()
        for request in given_up:
            assert request.ended_at is not None
            left = _left_at_least(plan, paid, request.ended_at)
            if left >= 1.0 - ROUNDING:
                yield f"{name(evidence, request)}: given up with a budget of {left:.2f}"


def _was_over(record: RunRecord, at: float) -> bool:
    """Whether the run was stopped, or ended by something else before."""
    stopped = record.stopped_at is not None and record.stopped_at <= at
    return stopped or record.told_at[-1] < at


def _announced(evidence: Evidence) -> set[tuple[str, str, float]]:
    """By run, insurer and moment: where a client was told of a retry."""
    return {
        (record.run.id, event["insurer"], at)
        for record in evidence.records
        for event, at in zip(events_of(record), record.told_at, strict=True)
        if event.get("state") == "retrying"
    }


def _has_room(plan: InsurerPlan, attempts: list[Request]) -> bool:
    """Whether the rules allow one more, and the longest wait before it fits."""
    last, numbers = attempts[-1], plan.numbers.retry
    assert last.ended_at is not None
    kind = TroubleKind(last.result)
    rule = rules(numbers)[kind]
    times = sum(request.result == kind for request in attempts)
    wait_s = min(numbers.max_wait_s, rule.first_wait_s * 2.0 ** (times - 1))
    wait_s += last.retry_after_s or 0.0
    return (
        len(attempts) < numbers.attempts
        and times <= rule.retries
        and (last.repeatable or kind in SURELY_NOT_ACTED_UPON)
        and last.ended_at + wait_s < last.deadline_at - EPS_S
    )


def _left_at_least(plan: InsurerPlan, paid: list[tuple[float, float]], at: float) -> float:
    """The budget at a moment; of what happened just then, only what was spent."""
    left = most = plan.numbers.retry.budget
    for paid_at, change in paid:
        if paid_at > at:
            break
        if paid_at < at or change > 0:
            left = max(0.0, min(most, left - change))
    return left
