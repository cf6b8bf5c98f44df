"""The invariants can fail: each one notices a house that breaks it."""

import pytest

from tests.simulation import broken, invariants
from tests.simulation.invariants import breaker, budget, fairness, leftovers, limits, requests, runs
from tests.simulation.plan import plan_of
from tests.simulation.world import House, run_world

RUNS = 12
SEEDS = 200
"""So many worlds may look fine although the house is broken."""

BROKEN = {
    "two events with one number": (
        House(desk=broken.Miscounting),
        runs.events_are_numbered_and_end_with_one_done,
    ),
    "a watcher sees what was never told": (
        House(began=broken.show_what_was_never_told),
        runs.a_watcher_sees_everything_in_order,
    ),
    "no end at the deadline": (
        House(desk=broken.Endless, pipeline=broken.Belated),
        runs.a_run_ends_in_time,
    ),
    "who was cut off counts as complete": (
        House(desk=broken.Optimistic),
        runs.the_end_tells_its_reason,
    ),
    "no end at a stop": (House(desk=broken.DeafToStop), runs.a_run_ends_in_time),
    "outcomes are dropped": (
        House(desk=broken.Dropping),
        runs.everybody_asked_has_one_outcome,
    ),
    "offers are dropped": (House(desk=broken.Dropping), runs.no_answer_is_lost_or_late),
    "offers are told late": (House(desk=broken.Dawdling), runs.no_answer_is_lost_or_late),
    "prices are invented": (House(desk=broken.Inventing), runs.no_outcome_is_invented),
    "an adapter has a bug": (House(adapter=broken.Buggy), leftovers.there_was_no_bug),
    "requests after the deadline": (
        House(desk=broken.Endless, pipeline=broken.Belated),
        requests.nothing_is_sent_when_its_run_is_over,
    ),
    "no attempt timeout": (
        House(pipeline=broken.without("attempt timeout")),
        requests.every_attempt_is_bounded,
    ),
    "everything is repeated": (
        House(pipeline=broken.RepeatsEverything),
        requests.what_may_have_been_acted_upon_is_not_sent_twice,
    ),
    "more retries than its numbers say": (
        House(pipeline=broken.Stubborn),
        requests.retries_keep_to_their_numbers,
    ),
    "Retry-After is not heard": (
        House(pipeline=broken.Deaf),
        requests.retry_after_is_respected,
    ),
    "Retry-After is heard by its own exchange alone": (
        House(pipeline=broken.without("rate limit")),
        requests.who_asks_for_silence_gets_it,
    ),
    "polls come twice": (House(pipeline=broken.TooEager), requests.polls_keep_their_distance),
    "retries cost nothing": (
        House(pipeline=broken.EndlessBudget),
        requests.retries_stay_within_the_budget,
    ),
    "the breaker is not asked": (
        House(pipeline=broken.Lenient),
        requests.the_breaker_is_obeyed,
    ),
    "the breaker outside the retry": (
        House(pipeline=broken.BreakerOutsideRetry),
        requests.the_breaker_is_obeyed,
    ),
    "half open, everybody finds out": (
        House(pipeline=broken.Crowded),
        requests.the_breaker_is_obeyed,
    ),
    "left alone for an hour": (
        House(pipeline=broken.LeavesAloneForAnHour),
        breaker.nobody_is_left_alone_for_too_long,
    ),
    "left alone at the first failure": (
        House(pipeline=broken.LosesPatience),
        breaker.nobody_is_left_alone_without_cause,
    ),
    "no budget, and answers give nothing back": (
        House(pipeline=broken.Ungrateful),
        budget.nobody_gives_up_who_can_afford_a_retry,
    ),
    "every named wait is free": (
        House(pipeline=broken.EveryNamedWaitIsFree),
        requests.retries_stay_within_the_budget,
    ),
    "whoever must wait is refused": (
        House(pipeline=broken.Impatient),
        fairness.nobody_is_refused_who_had_a_chance,
    ),
    "batch goes first": (
        House(pipeline=broken.BatchFirst),
        fairness.no_batch_passes_who_is_interactive,
    ),
    "no polls in the second half": (
        House(pipeline=broken.GivesUpPolling),
        fairness.what_is_decided_in_time_is_told,
    ),
    "no rate limit": (
        House(pipeline=broken.without("rate limit")),
        limits.no_window_has_more_than_it_may,
    ),
    "no bulkhead": (
        House(pipeline=broken.without("bulkhead")),
        limits.never_more_at_once_than_it_may,
    ),
    "a task is left": (House(desk=broken.Leaky), leftovers.no_task_or_watcher_is_left),
    "leases are kept": (
        House(began=broken.keep_leases),
        leftovers.no_lease_is_left,
    ),
    "permits are kept": (House(pipeline=broken.LostPermits), leftovers.no_permit_is_left),
    "places are lost": (
        House(pipeline=broken.LostPlaces),
        leftovers.nothing_is_left_of_the_limits,
    ),
}


@pytest.mark.parametrize(("house", "invariant"), BROKEN.values(), ids=list(BROKEN))
def test_a_house_that_is_broken_on_purpose_is_noticed(house, invariant):
    worlds = (run_world(plan_of(seed, RUNS), house) for seed in range(1, SEEDS + 1))
    assert any(list(invariant(evidence)) for evidence in worlds)


def test_every_invariant_is_known_to_be_able_to_fail():
    assert {invariant for _house, invariant in BROKEN.values()} == set(invariants.ALL)


def test_a_failing_seed_says_how_to_see_it_again(monkeypatch):
    from tests.simulation import replay

    monkeypatch.setattr(
        replay, "run_world", lambda plan: run_world(plan, House(desk=broken.Inventing))
    )
    head, *lines = replay.alone_complaints(3, RUNS)
    assert head.endswith(f"again with: make sim SEED=3 RUNS={RUNS}")
    assert lines
    assert all("no_" in line or "more" in line for line in lines)
