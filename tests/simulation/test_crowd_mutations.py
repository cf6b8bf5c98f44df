"""The invariants of several daemons can fail: each one notices a house that breaks it."""

import pytest

from tests.simulation import broken
from tests.simulation.crowd import broken as crowd_broken
from tests.simulation.crowd import invariants
from tests.simulation.crowd.invariants import alone, asked, kept, left, told
from tests.simulation.crowd.plan import crowd_of
from tests.simulation.crowd.world import CrowdHouse, run_crowd

RUNS = 12
SEEDS = 60
"""So many worlds may look fine although the house is broken."""

BROKEN = {
    "everybody may ask": (
        CrowdHouse(primary=crowd_broken.EverybodyMayAsk),
        asked.nobody_is_asked_twice,
    ),
    "keys of their own": (CrowdHouse(desk=crowd_broken.KeysOfItsOwn), asked.a_round_has_one_key),
    "always anew": (
        CrowdHouse(desk=crowd_broken.AlwaysAnew),
        asked.a_new_round_is_somebodys_wish,
    ),
    "nobody leaves": (
        CrowdHouse(desk=crowd_broken.NobodyLeaves),
        asked.nothing_is_sent_for_nobody,
    ),
    "events are not kept": (
        CrowdHouse(keeper=crowd_broken.ForgetfulKeeper),
        told.a_run_is_told_once_and_in_order,
    ),
    "no end at the deadline": (CrowdHouse(desk=broken.Endless), told.a_run_ends_in_time),
    "outcomes are dropped": (
        CrowdHouse(desk=broken.Dropping),
        told.everybody_asked_has_one_outcome,
    ),
    "prices are invented": (CrowdHouse(desk=broken.Inventing), told.no_outcome_is_invented),
    "never anew": (
        CrowdHouse(desk=crowd_broken.NeverAnew),
        told.a_refresh_is_told_nothing_old,
    ),
    "others hear of it later": (
        CrowdHouse(primary=crowd_broken.HardOfHearing),
        told.who_has_joined_hears_it_too,
    ),
    "who waits hears of it later": (
        CrowdHouse(primary=crowd_broken.HardOfHearing),
        told.who_waits_hears_what_came_of_it,
    ),
    "answers are not kept": (
        CrowdHouse(primary=crowd_broken.KeepsNoAnswer),
        kept.what_was_given_is_not_asked_for_again,
    ),
    "a task is left": (
        CrowdHouse(desk=broken.Leaky),
        left.no_task_flight_or_watcher_is_left,
    ),
    "leases are kept": (CrowdHouse(began=crowd_broken.keep_leases), left.no_lease_is_left),
    "each daemon has limits of its own": (
        CrowdHouse(limits=lambda shared: shared._local),
        left.no_window_has_more_than_it_may,
    ),
    "an adapter has a bug": (CrowdHouse(adapter=crowd_broken.Buggy), left.there_was_no_bug),
    "no attempt timeout": (
        CrowdHouse(pipeline=broken.without("attempt timeout")),
        alone.each_daemon_keeps_to_its_numbers,
    ),
}


@pytest.mark.parametrize(("house", "invariant"), BROKEN.values(), ids=list(BROKEN))
def test_a_house_that_is_broken_on_purpose_is_noticed(house, invariant):
    plans = (crowd_of(seed, RUNS) for seed in range(1, SEEDS + 1))
    assert any(
        list(invariant(run_crowd(plan, house))) and not list(invariant(run_crowd(plan)))
        for plan in plans
    )


def test_every_invariant_is_known_to_be_able_to_fail():
    assert {invariant for _house, invariant in BROKEN.values()} == set(invariants.ALL)
