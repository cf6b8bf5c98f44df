"""The same small world again and again, each time with something happening one await later."""

from collections import Counter
from functools import cache
from types import SimpleNamespace

import pytest

from osago_core.wire.events import DoneReason
from osago_daemon.resilience.numbers import BreakerNumbers, LimitNumbers, PipelineNumbers
from tests.simulation.invariants import violations
from tests.simulation.invariants.runs import outcomes_of
from tests.simulation.plan import InsurerPlan, Phase, Plan, QuotePlan
from tests.simulation.steps import AtStep, of_client
from tests.simulation.world import QUOTE, House, run_world

VICTIM = "victim"
SHARED = ("limited", "polled", "quick")
WOKEN = pytest.mark.parametrize("woken", [False, True], ids=["waiting", "woken"])

PLAN = Plan(
    seed=5,
    insurers=(
        InsurerPlan(
            "limited",  # one at a time and one a second: places and tickets are waited for
            numbers=PipelineNumbers(limits=LimitNumbers(per_second=1, at_once=1)),
            two_steps=False,
            decide_s=0.4,
            declines=0.0,
        ),
        InsurerPlan("polled", decide_s=2.0, declines=0.0, has_login=True),
        InsurerPlan("quick", two_steps=False, decide_s=0.1, declines=0.0),
        InsurerPlan(
            "sick",  # the breaker opens at the first failure and the victim's next one is a probe
            numbers=PipelineNumbers(breaker=BreakerNumbers(window=1, open_s=2.0, jitter=0.0)),
            decide_s=1.0,
            declines=0.0,
            phases=(Phase("dead", 0.5),),
        ),
    ),
    quotes=(
        QuotePlan(0.0, VICTIM, 0, ("sick",), 5.0),
        QuotePlan(0.0, "other", 1, SHARED, 30.0),
        QuotePlan(0.0, VICTIM, 2, SHARED, 30.0),
        QuotePlan(0.1, "other", 3, SHARED, 30.0),
        QuotePlan(2.2, VICTIM, 4, ("sick",), 30.0),
        QuotePlan(40.0, "other", 5, (*SHARED, "sick"), 30.0),
    ),
)


def world_with(at_step, act, *, woken=False):
    """The world in which `act(world)` happens at that step of the victim's tasks."""
    the = SimpleNamespace(world=None)
    instrument = AtStep(of_client(VICTIM), at_step, lambda: act(the.world), woken=woken)
    house = House(instruments=[instrument], began=lambda world: setattr(the, "world", world))
    return run_world(PLAN, house), instrument.steps


@cache
def number_of_steps():
    return world_with(0, lambda _world: None)[1]


def offers_of_the_others(evidence):
    return Counter(
        (record.quote.application, event["insurer"])
        for record in evidence.records
        if record.quote.client != VICTIM
        for event, _at in outcomes_of(record)
        if event["type"] == "offer"
    )


ALL_OFFERS = {(1, id_): 1 for id_ in SHARED} | {(3, id_): 1 for id_ in SHARED}
ALL_OFFERS |= {(5, id_): 1 for id_ in (*SHARED, "sick")}


def cancel_the_victims_runs(world):
    for record in world.evidence.records:
        if record.quote.client == VICTIM:
            world.stop(record, DoneReason.CANCELLED)


def test_undisturbed_everybody_gets_every_offer_and_the_breaker_is_met_in_every_state():
    evidence, steps = world_with(0, lambda _world: None)
    assert offers_of_the_others(evidence) == ALL_OFFERS
    assert [new for _at, new in evidence.ledger.transitions["sick"]] == [
        "open",
        "half_open",
        "closed",
    ]
    assert any(request.probes for request in evidence.ledger.of("sick"))
    assert steps > 50


@WOKEN
def test_a_run_cancelled_at_any_step_leaves_nothing_and_harms_nobody(woken):
    for step in range(1, number_of_steps() + 1):
        evidence, _steps = world_with(step, cancel_the_victims_runs, woken=woken)
        assert violations(evidence) == [], f"cancelled at step {step}"
        assert offers_of_the_others(evidence) == ALL_OFFERS, f"cancelled at step {step}"


@WOKEN
def test_a_stop_of_the_daemon_at_any_step_leaves_nothing(woken):
    for step in range(1, number_of_steps() + 1):
        evidence, _steps = world_with(step, lambda world: world.drain(), woken=woken)
        assert violations(evidence) == [], f"stopped at step {step}"


def test_a_bug_at_any_wait_of_the_wire_is_one_insurers_failure_and_leaves_nothing():
    waits = waits_of_the_wire(fails_at=None)[1]
    assert waits > 30
    for nth in range(1, waits + 1):
        evidence, _waits = waits_of_the_wire(fails_at=nth)
        found = [line for line in violations(evidence) if not about_the_bug(line)]
        assert found == [], f"failed at wait {nth}"
        assert offers_of_the_others(evidence) == ALL_OFFERS, f"failed at wait {nth}"


def waits_of_the_wire(fails_at):
    """The world in which one wait of the victim's requests raises what nobody expects."""
    waits = 0

    def step():
        nonlocal waits
        if QUOTE.get().client == VICTIM:
            waits += 1
            if waits == fails_at:
                raise RuntimeError("on purpose")

    def began(world):
        for adapter in world.adapters.values():
            adapter.at_each_step = step

    return run_world(PLAN, House(began=began)), waits


def about_the_bug(line):
    """Its report, and the outcome "internal" that no insurer gave."""
    return line.startswith("there_was_no_bug") or "failed as internal" in line
