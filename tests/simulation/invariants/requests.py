"""What may be sent: nothing too late, too often, twice, or to whom is to be left alone."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby, pairwise

from osago_daemon.resilience.retry import rules
from osago_daemon.resilience.trouble import TroubleKind
from tests.simulation.ledger import ANSWERED, PENDING, Request
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import Evidence

EPS_S = 1e-6
FREE_FROM_S = 0.5
"""Waiting so long because they named a time costs nothing, once per kind and exchange."""
SURELY_NOT_ACTED_UPON = {TroubleKind.CONNECT, TroubleKind.THROTTLED, TroubleKind.AUTH}


def nothing_is_sent_when_its_run_is_over(evidence: Evidence) -> Iterator[str]:
    """Not at or after the deadline, the stop, or the outcome."""
    records = {record.run.id: record for record in evidence.records}
    for request in evidence.ledger.requests:
        record = records[request.run]
        if request.sent_at >= request.deadline_at:
            late_s = request.sent_at - request.deadline_at
            yield f"{name(evidence, request)} sent {late_s:.6f} s late"
        if record.stopped_at is not None and request.sent_at > record.stopped_at:
            yield f"{name(evidence, request)} sent after the run was stopped"
        if record.told_at and record.run.done and request.sent_at > record.told_at[-1]:
            yield f"{name(evidence, request)} sent after the run was done"


def every_attempt_is_bounded(evidence: Evidence) -> Iterator[str]:
    """By its timeout, however the insurer drips; and by the deadline, if it may be broken off."""
    for plan in evidence.plan.insurers:
        for request in evidence.ledger.of(plan.id):
            if request.ended_at is None or request.result is None:
                yield f"{name(evidence, request)} never ended"
                continue
            bound = request.sent_at + plan.numbers.attempt_timeout_s
            if request.repeatable:
                bound = min(bound, request.deadline_at)
            if request.ended_at > bound + EPS_S:
                over_s = request.ended_at - bound
                yield f"{name(evidence, request)} went on {over_s:.3f} s too long"


def what_may_have_been_acted_upon_is_not_sent_twice(evidence: Evidence) -> Iterator[str]:
    """Where they know no idempotency keys: one application per run."""
    acted: defaultdict[tuple[str, str], int] = defaultdict(int)
    for attempts in exchanges(evidence):
        for before, after in pairwise(attempts):
            if not after.repeatable and before.result not in SURELY_NOT_ACTED_UPON:
                yield f"{name(evidence, after)} sent again after {before.result}"
        for request in attempts:
            if not request.repeatable:
                acted[request.run, request.insurer] += request.acted
    for (run, insurer), times in acted.items():
        if times > 1:
            yield f"{run}: {insurer} has made {times} applications of one"


def retries_keep_to_their_numbers(evidence: Evidence) -> Iterator[str]:
    """So many attempts in all, so many retries of each kind, and not before they said."""
    plans = {plan.id: plan for plan in evidence.plan.insurers}
    for attempts in exchanges(evidence):
        numbers = plans[attempts[0].insurer].numbers.retry
        if [request.nth for request in attempts] != list(range(1, len(attempts) + 1)):
            yield f"{name(evidence, attempts[0])}: attempts are not in a row"
        if len(attempts) > numbers.attempts:
            yield f"{name(evidence, attempts[-1])} is one more than {numbers.attempts}"
        for kind, rule in rules(numbers).items():
            times = sum(request.result == kind for request in attempts[:-1])
            if times > rule.retries:
                yield f"{name(evidence, attempts[-1])}: {times} retries of {kind}"


def retry_after_is_respected(evidence: Evidence) -> Iterator[str]:
    """Whoever asked to be left alone for some seconds is, by that application."""
    latest: dict[tuple[str, str], Request] = {}
    for request in evidence.ledger.requests:
        if request.step == "login":
            continue
        before = latest.get((request.run, request.insurer))
        latest[request.run, request.insurer] = request
        if before is None or before.retry_after_s is None or before.ended_at is None:
            continue
        if request.sent_at < before.ended_at + before.retry_after_s - EPS_S:
            early_s = before.ended_at + before.retry_after_s - request.sent_at
            yield f"{name(evidence, request)} came {early_s:.3f} s early"


def who_asks_for_silence_gets_it(evidence: Evidence) -> Iterator[str]:
    """After a refusal with `Retry-After` nobody of ours comes before it is over."""
    for plan in evidence.plan.insurers:
        refusals: list[tuple[float, float]] = []
        for request in evidence.ledger.of(plan.id):
            if request.result == TroubleKind.THROTTLED and request.retry_after_s:
                assert request.ended_at is not None
                refusals.append((request.ended_at, request.ended_at + request.retry_after_s))
        for request in evidence.ledger.of(plan.id) if refusals else ():
            if any(begins < request.sent_at < ends - EPS_S for begins, ends in refusals):
                yield f"{name(evidence, request)} sent while they had asked for silence"


def polls_keep_their_distance(evidence: Evidence) -> Iterator[str]:
    """Never two polls of one application closer than `least_s`, retries of a poll apart."""
    for plan in evidence.plan.insurers:
        latest: dict[str, float] = {}
        for request in evidence.ledger.of(plan.id):
            if request.step != "poll" or request.nth > 1:
                continue
            before = latest.get(request.run)
            latest[request.run] = request.sent_at
            if before is not None and request.sent_at < before + plan.pacing.least_s - EPS_S:
                gap_s = request.sent_at - before
                yield f"{name(evidence, request)} came {gap_s:.3f} s after the last"


def retries_stay_within_the_budget(evidence: Evidence) -> Iterator[str]:
    """Replayed from what was sent: what each retry costs and each answer gives back."""
    for plan in evidence.plan.insurers:
        left = most = plan.numbers.retry.budget
        for at, paid in groupby(sorted(payments(evidence, plan)), key=lambda paid: paid[0]):
            # At one moment nobody knows the order: what was given back may have been spent first.
            left = min(most, left - sum(change for _at, change in paid))
            if left < -EPS_S:
                at_s = at - evidence.began
                yield f"{plan.id} at {at_s:.3f}: a retry beyond the budget of {most}"
                break


def payments(evidence: Evidence, plan: InsurerPlan) -> Iterator[tuple[float, float]]:
    """When and how much; what an answer gives back is negative."""
    for attempts in exchanges(evidence, plan.id):
        seen: Counter[str | None] = Counter()
        for before in attempts[:-1]:
            seen[before.result] += 1
            named_s = before.retry_after_s or 0.0
            made_good = before.result == TroubleKind.AUTH or named_s >= FREE_FROM_S
            free = made_good and seen[before.result] == 1
            if not free and before.ended_at is not None:
                yield before.ended_at, 1.0
        last = attempts[-1]
        if last.result in {ANSWERED, PENDING} and last.ended_at is not None:
            yield last.ended_at, -plan.numbers.retry.budget_return


def the_breaker_is_obeyed(evidence: Evidence) -> Iterator[str]:
    """Nothing goes to whom is left alone; only so many at once find out whether it is well.

    What is written down before it is sent may meet a breaker that turns at that very moment.
    """
    for plan in evidence.plan.insurers:
        turns = {at for at, _new in evidence.ledger.transitions[plan.id]}
        for request in evidence.ledger.of(plan.id):
            if not request.repeatable and request.nth == 1 and request.sent_at in turns:
                continue
            if request.breaker not in {"closed", "half_open"}:
                yield f"{name(evidence, request)} sent while the breaker was {request.breaker}"
            if request.probes > plan.numbers.breaker.probes:
                yield f"{name(evidence, request)} is probe {request.probes} at once"


def exchanges(evidence: Evidence, insurer: str | None = None) -> Iterator[list[Request]]:
    """The attempts of each exchange, in order."""
    found: defaultdict[int, list[Request]] = defaultdict(list)
    for request in evidence.ledger.requests:
        if request.step != "login" and insurer in {None, request.insurer}:
            found[request.exchange].append(request)
    yield from found.values()


def name(evidence: Evidence, request: Request) -> str:
    at_s = request.sent_at - evidence.began
    return f"{request.run} at {at_s:.3f}: {request.step} {request.nth} to {request.insurer}"
