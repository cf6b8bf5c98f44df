"""When an insurer is left alone: not without cause, and not for longer than its numbers say."""

from collections.abc import Iterator

from osago_daemon.resilience.breaker.change import Change, Reason, State
from osago_daemon.resilience.numbers import BreakerNumbers
from osago_daemon.resilience.trouble import SICKNESS
from tests.simulation.ledger import ANSWERED, CANCELLED, PENDING, Request
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import Evidence

EPS_S = 1e-6
SLOW_SHARE = 0.9
"""Of the attempt timeout, where it is not said what is slow."""
CUT_SHARE = 0.5
"""Of what is slow: so long must an attempt have had before the deadline's cut says anything."""
MOST_JUDGED = 100
FAILED, SLOW, FINE = 2, 1, 0
"""What an attempt says; None: nothing."""


def nobody_is_left_alone_for_too_long(evidence: Evidence) -> Iterator[str]:
    """The first time for `open_s`, then for twice as long each, `max_open_s` at most; jitter."""
    for plan in evidence.plan.insurers:
        numbers = plan.numbers.breaker
        times = 0
        for at, change in evidence.ledger.changes[plan.id]:
            times += change.new is State.OPEN
            if change.new is State.CLOSED:
                times = 0
            if change.new is not State.OPEN:
                continue
            middle_s = min(numbers.max_open_s, numbers.open_s * 2.0 ** (times - 1))
            longest_s = min(numbers.max_open_s, middle_s * (1 + numbers.jitter))
            shortest_s = middle_s * (1 - numbers.jitter)
            for_s = change.free_in_s
            if for_s is None or not shortest_s - EPS_S <= for_s <= longest_s + EPS_S:
                yield (
                    f"{plan.id} at {at - evidence.began:.3f}: left alone for {for_s} s, the "
                    f"{times}. time in a row; {shortest_s:.3f} to {longest_s:.3f} would be right"
                )


def nobody_is_left_alone_without_cause(evidence: Evidence) -> Iterator[str]:
    """Replayed from what came of the requests: enough of the latest of one kind were bad.

    Where several ended at one moment, in the order in which that is most likely.
    """
    for plan in evidence.plan.insurers:
        since = evidence.began
        for at, change in evidence.ledger.changes[plan.id]:
            if change.new is State.OPEN and not _justified(evidence, plan, change, since, at):
                where = f"{plan.id} at {at - evidence.began:.3f}"
                yield f"{where}: left alone because of {change.reason}, without cause"
            since = at


def _justified(
    evidence: Evidence, plan: InsurerPlan, change: Change, since: float, at: float
) -> bool:
    over = [
        request
        for request in map(Request.as_waited_for, evidence.ledger.of(plan.id))
        if request.breaker == change.old
        and request.ended_at is not None
        and request.sent_at >= since
        and request.ended_at <= at
    ]
    if change.reason in {Reason.PROBE_FAILED, Reason.PROBE_SLOW}:
        wanted = FAILED if change.reason is Reason.PROBE_FAILED else SLOW
        return any(
            request.ended_at == at and wanted in _marks(plan, request, probe=True)
            for request in over
        )
    least = FAILED if change.reason is Reason.FAILURES else SLOW
    return any(
        _too_many(
            plan.numbers.breaker, list(_outcomes(plan, over, least, at, polls=polls)), least, at
        )
        for polls in (False, True)
    )


def _outcomes(
    plan: InsurerPlan, over: list[Request], least: int, at: float, *, polls: bool
) -> Iterator[tuple[float, bool]]:
    """When an attempt was over, and whether it counts against them; of what is judged."""
    for request in over:
        assert request.ended_at is not None
        marks = _marks(plan, request, probe=False)
        if (request.step == "poll") is polls and marks:
            bad = max(marks) >= least
            if bad or request.ended_at < at:  # what was fine may have come right afterwards
                yield request.ended_at, bad


def _too_many(
    numbers: BreakerNumbers, outcomes: list[tuple[float, bool]], least: int, at: float
) -> bool:
    outcomes = sorted(outcomes)[-MOST_JUDGED:]
    lately = sum(ended_at > at - numbers.window_s for ended_at, _bad in outcomes)
    judged = outcomes[-max(lately, numbers.window) :]
    share = numbers.failure_rate if least == FAILED else numbers.slow_rate
    bad = sum(bad for _at, bad in judged)
    return bad >= max(1.0, share * max(numbers.window, len(judged)) - EPS_S)


def _marks(plan: InsurerPlan, request: Request, *, probe: bool) -> set[int]:
    """What an attempt may have been taken for; empty: it says nothing."""
    numbers = plan.numbers
    assert request.ended_at is not None
    took_s = request.ended_at - request.sent_at
    slow_s = numbers.breaker.slow_s or numbers.attempt_timeout_s * SLOW_SHARE
    slow = took_s >= slow_s - EPS_S
    if request.result == CANCELLED:
        marks = set()
        if took_s >= numbers.attempt_timeout_s - EPS_S:
            marks.add(FAILED)
        if request.ended_at >= request.deadline_at and took_s >= CUT_SHARE * slow_s - EPS_S:
            marks.add(SLOW)
        return marks
    if request.result in SICKNESS:
        return {FAILED}
    if slow and not probe:
        return {SLOW}
    return {FINE} if request.result in {ANSWERED, PENDING} else set()
