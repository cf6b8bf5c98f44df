"""What the simulator has found, each as the smallest world that shows it."""

from osago_daemon.resilience.numbers import (
    BreakerNumbers,
    LimitNumbers,
    PipelineNumbers,
    RetryNumbers,
)
from tests.simulation import invariants
from tests.simulation.crowd import invariants as crowd_invariants
from tests.simulation.crowd.invariants.told import outcomes_of
from tests.simulation.crowd.plan import (
    BEFORE_MIDNIGHT,
    HOUR_S,
    CrowdPlan,
    Jump,
    Kill,
    Outage,
    Visit,
)
from tests.simulation.crowd.world import run_crowd
from tests.simulation.plan import InsurerPlan, Phase, Plan, QuotePlan
from tests.simulation.world import run_world

WELL = {"declines": 0.0, "spread": 0.0, "network_s": 0.0}
NO_RETRY = PipelineNumbers(retry=RetryNumbers(attempts=1), breaker=BreakerNumbers(window=100))
ONE = ("a",)


def insurer(**fields):
    return InsurerPlan("a", **{**WELL, **fields})


def sources(happened):
    """By run: where what it was told came from."""
    return {
        record.id: (event["type"], event["source"])
        for record in happened.records
        for event, _at in outcomes_of(record)
    }


def test_a_create_that_goes_on_without_its_run_keeps_its_place():
    one_at_once = PipelineNumbers(limits=LimitNumbers(at_once=1))
    slow = insurer(numbers=one_at_once, idempotent=False, two_steps=False, decide_s=5.0)
    quotes = (
        QuotePlan(0.0, "c0", 0, ONE, 30.0, cancel_after_s=1.0),
        QuotePlan(2.0, "c1", 1, ONE, 30.0),
    )
    assert invariants.violations(run_world(Plan(1, (slow,), quotes))) == []


def test_who_takes_what_is_kept_does_not_hang_on_somebodys_refresh():
    well_at_first = insurer(
        numbers=NO_RETRY,
        two_steps=False,
        decide_s=1.0,
        phases=(Phase("fine", 5.0), Phase("all 5xx", 60.0)),
    )
    visits = (
        Visit(0.0, 0, 0, ONE, 10.0),
        Visit(10.0, 0, 0, ONE, 10.0, cache="refresh"),
        Visit(10.1, 0, 0, ONE, 10.0),
    )
    happened = run_crowd(CrowdPlan(1, (well_at_first,), visits))
    assert sources(happened)["q3"] == ("offer", "cache")
    assert crowd_invariants.violations(happened) == []


def test_a_refresh_at_the_same_moment_as_another_quote_is_told_nothing_old():
    visits = (
        Visit(0.0, 0, 0, ONE, 10.0),
        Visit(10.0, 0, 0, ONE, 10.0),
        Visit(10.0, 0, 0, ONE, 10.0, cache="refresh"),
    )
    for seed in range(4):  # either may come first
        quick = insurer(two_steps=False, decide_s=1.0)
        happened = run_crowd(CrowdPlan(seed, (quick,), visits))
        assert crowd_invariants.violations(happened) == []


def test_what_was_sent_before_midnight_is_not_sent_again_after_it():
    asked_once = insurer(idempotent=False, decide_s=20.0)
    plan = CrowdPlan(
        1,
        (asked_once,),
        (Visit(5.0, 0, 0, ONE, 60.0),),
        kills=(Kill(0, 8.0, 5.0),),
        starts_at=BEFORE_MIDNIGHT,
    )
    assert crowd_invariants.violations(run_crowd(plan)) == []


def test_nor_after_the_clocks_have_been_beyond_midnight_and_back():
    plan = CrowdPlan(
        1,
        (insurer(idempotent=False, two_steps=False, decide_s=1.0),),
        (
            Visit(0.0, 0, 0, ONE, 10.0),
            Visit(15.0, 0, 1, ONE, 10.0),
            Visit(30.0, 0, 0, ONE, 10.0),
        ),
        jumps=(Jump(None, 25.0, -HOUR_S),),
        starts_at=BEFORE_MIDNIGHT,
    )
    assert crowd_invariants.violations(run_crowd(plan)) == []


def test_a_refresh_that_goes_on_after_a_kill_is_one_refresh():
    at_once_created = insurer(idempotent=False, create_s=0.0, decide_s=10.0)
    plan = CrowdPlan(
        1,
        (at_once_created,),
        (Visit(5.0, 0, 0, ONE, 60.0, cache="refresh"),),
        kills=(Kill(0, 8.0, 1.0),),
    )
    assert crowd_invariants.violations(run_crowd(plan)) == []


def test_also_where_the_clock_was_put_back_meanwhile():
    asked_once = insurer(idempotent=False, create_s=2.0, decide_s=10.0)
    plan = CrowdPlan(
        1,
        (asked_once,),
        (Visit(5.0, 0, 0, ONE, 60.0, cache="refresh"),),
        jumps=(Jump(None, 6.0, -5.0),),
        kills=(Kill(0, 8.0, 1.0),),
    )
    assert crowd_invariants.violations(run_crowd(plan)) == []


def test_a_refresh_asks_anew_where_the_stores_clock_is_ahead():
    plan = CrowdPlan(
        1,
        (insurer(two_steps=False, decide_s=1.0),),
        (Visit(2.0, 0, 0, ONE, 10.0), Visit(10.0, 0, 0, ONE, 10.0, cache="refresh")),
        jumps=(Jump(0, 1.0, -60.0),),
    )
    assert sources(run_crowd(plan))["q2"] == ("offer", "live")


def test_rounds_do_not_go_back_after_the_store_was_away():
    plan = CrowdPlan(
        1,
        (insurer(idempotent=False, two_steps=False, decide_s=1.0),),
        (
            Visit(0.0, 1, 0, ONE, 10.0),
            Visit(5.0, 1, 0, ONE, 10.0, cache="refresh"),
            Visit(22.0, 0, 0, ONE, 10.0, cache="refresh"),
            Visit(60.0, 0, 0, ONE, 10.0, cache="refresh"),
        ),
        daemons=2,
        outages=(Outage(0, 20.0, 5.0),),
    )
    assert crowd_invariants.violations(run_crowd(plan)) == []
