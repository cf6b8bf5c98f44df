"""A sick insurer costs nobody else anything: not a millisecond."""

from random import Random

import pytest

from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from tests.simulation.invariants import violations
from tests.simulation.invariants.runs import outcomes_of
from tests.simulation.plan import WEATHERS, InsurerPlan, Phase, Plan, QuotePlan
from tests.simulation.world import run_world

WELL = ("well-1", "well-2")
NEIGHBOURS = ("near-1", "near-2", "near-3")


def plan(seed, weather):
    """Two well insurers, of which one has limits, beside three under some weather."""
    random = Random(seed)
    limited = PipelineNumbers(limits=LimitNumbers(per_second=2, at_once=4))
    return Plan(
        seed=seed,
        insurers=(
            InsurerPlan("well-1", decide_s=4.0),
            InsurerPlan("well-2", numbers=limited, two_steps=False, idempotent=False),
            *(InsurerPlan(id_, phases=(Phase(weather, 600.0),)) for id_ in NEIGHBOURS),
        ),
        quotes=tuple(
            QuotePlan(
                at_s=random.uniform(0, 60),
                client=f"c{number % 3}",
                application=number,
                insurers=(*NEIGHBOURS, *WELL),
                deadline_s=60.0,
            )
            for number in range(20)
        ),
    )


def answers_of_the_well(evidence):
    return sorted(
        (record.began_at, event["insurer"], event["type"], event.get("premium"), told_at)
        for record in evidence.records
        for event, told_at in outcomes_of(record)
        if event["insurer"] in WELL
    )


@pytest.mark.parametrize("weather", sorted(WEATHERS.keys() - {"fine"}))
def test_the_well_answer_at_the_same_moments_whatever_the_others_have(weather):
    calm, sick = run_world(plan(1, "fine")), run_world(plan(1, weather))
    assert answers_of_the_well(sick) == answers_of_the_well(calm)
    assert len(answers_of_the_well(calm)) == 40
    assert violations(sick) == []


def test_the_others_really_are_sick():
    calm, sick = run_world(plan(1, "fine")), run_world(plan(1, "dead"))
    assert calm.ledger.answers.keys() - sick.ledger.answers.keys() == {
        (record.run.id, id_) for record in calm.records for id_ in NEIGHBOURS
    }
