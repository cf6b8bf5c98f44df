"""A daemon is killed at every step of one quote and started again: nothing is lost or asked twice.

Beside it a second daemon on the same store, whose client asks the same a little later.
"""

from collections import Counter
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest

from osago_daemon.resilience.numbers import PipelineNumbers
from tests.simulation.crowd.invariants import violations
from tests.simulation.crowd.invariants.told import outcomes_of
from tests.simulation.crowd.life import LIFE
from tests.simulation.crowd.plan import CrowdPlan, Visit
from tests.simulation.crowd.world import CrowdHouse, run_crowd
from tests.simulation.plan import InsurerPlan
from tests.simulation.steps import AtStep

VICTIM, OTHER = 0, 1
UNREPEATABLE = ("once-at-once", "once-polled")
REPEATABLE = ("keys-at-once", "keys-polled")
ALL = (*REPEATABLE, *UNREPEATABLE)
PARTS = 4
WOKEN = pytest.mark.parametrize("woken", [False, True], ids=["waiting", "woken"])

BRIEF = PipelineNumbers(attempt_timeout_s=2.0)

PLAN = CrowdPlan(
    seed=3,
    insurers=(
        InsurerPlan("keys-at-once", BRIEF, two_steps=False, decide_s=0.3, declines=0.0),
        InsurerPlan("keys-polled", BRIEF, decide_s=1.5, declines=0.0),
        InsurerPlan(
            "once-at-once", BRIEF, idempotent=False, two_steps=False, decide_s=0.3, declines=0.0
        ),
        InsurerPlan("once-polled", BRIEF, idempotent=False, decide_s=1.5, declines=0.0),
    ),
    visits=(
        Visit(0.0, VICTIM, 0, ALL, 12.0, client="hers"),
        Visit(0.35, OTHER, 0, ALL, 10.0, client="his"),
        Visit(10.0, VICTIM, 0, ALL, 3.0, client="late"),
    ),
    daemons=2,
)
QUIET = replace(PLAN, visits=PLAN.visits[:1])


def world_with_kill(at_step, *, woken=False, down_s=1.0, plan=PLAN):
    """The world in which the victim is killed at that step of its tasks, and comes back."""
    the = SimpleNamespace(world=None)

    def victims(context):
        life = context.get(LIFE)
        if life is None or life.name != f"d{VICTIM}.1" or not life.ready:
            return False
        return life.desk.active > 0 or bool(life.desk._switchboard._flights)

    def kill():
        the.world.kill(VICTIM)
        the.world.tasks.start_soon(the.world.start_later, VICTIM, down_s)

    instrument = AtStep(victims, at_step, kill, woken=woken)
    house = CrowdHouse(instruments=[instrument], began=lambda world: setattr(the, "world", world))
    return run_crowd(plan, house), instrument.steps


@cache
def number_of_steps():
    """Of the victim until the quote is over and all is quiet."""
    happened, steps = world_with_kill(0, plan=QUIET)
    assert violations(happened) == []
    return steps


def outcomes(happened, client):
    return {
        event["insurer"]: event
        for record in happened.records
        if record.visit.client == client
        for event, _at in outcomes_of(record)
    }


def test_undisturbed_everybody_gets_every_offer_by_one_create_each():
    happened, steps = world_with_kill(0)
    assert violations(happened) == []
    assert steps > 50
    for client in ("hers", "his", "late"):
        told = outcomes(happened, client)
        assert {id_: event["type"] for id_, event in told.items()} == dict.fromkeys(ALL, "offer")
    assert Counter(sent.key.insurer for sent in happened.creates) == dict.fromkeys(ALL, 1)


@WOKEN
@pytest.mark.parametrize("part", range(PARTS))
def test_a_daemon_killed_at_any_step_loses_nothing_and_asks_nobody_twice(woken, part):
    for step in range(1 + part, number_of_steps() + 1, PARTS):
        happened, _steps = world_with_kill(step, woken=woken)
        assert violations(happened) == [], f"killed at step {step}"
        for client in ("hers", "his"):
            told = outcomes(happened, client)
            assert len(told) == len(ALL), f"{client}: killed at step {step}"
            missed = {id_ for id_, event in told.items() if event["type"] != "offer"}
            # Whether such a create has arrived nobody knows, and so nobody asks again.
            assert missed <= set(UNREPEATABLE), f"{client}: killed at step {step}"
            assert {told[id_].get("kind") for id_ in missed} <= {"connection"}


def test_killed_while_a_create_was_on_its_way_it_says_that_it_does_not_know():
    steps = range(1, number_of_steps() + 1, 5)
    worlds = (world_with_kill(step)[0] for step in steps)
    told = (outcomes(happened, "hers") for happened in worlds)
    assert any(outcome["once-polled"].get("kind") == "connection" for outcome in told)
