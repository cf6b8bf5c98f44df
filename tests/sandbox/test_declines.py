"""Whom each insurer refuses, and that its words are understood."""

import pytest

from osago_core.offer import Declined, DeclineReason, Offer
from tests.sandbox.ask import COMPANY, application, living_in

pytestmark = pytest.mark.anyio

YOUNG = {"drivers__0__birth_date": "2007-01-01", "drivers__0__driving_since": "2025-03-01"}
NEW = {"drivers__0__driving_since": "2026-06-01"}


@pytest.mark.parametrize(
    ("insurer", "what", "reason"),
    [
        ("sever", application(drivers__0__kbm_class="2"), DeclineReason.CLAIMS),
        ("sever", application(vehicle__registration="foreign"), DeclineReason.DOCUMENTS),
        ("kedr", application(vehicle__category="C"), DeclineReason.VEHICLE),
        ("kedr", application(vehicle__year=2005), DeclineReason.VEHICLE_AGE),
        ("kedr", application(**NEW), DeclineReason.DRIVER),
        ("kedr", application(**YOUNG), DeclineReason.DRIVER),
        ("snegir", application(vehicle__use="taxi"), DeclineReason.USE),
        ("snegir", application(drivers="unlimited"), DeclineReason.DRIVER),
        ("barsuk", application(owner=COMPANY), DeclineReason.OWNER),
        ("barsuk", application(**YOUNG), DeclineReason.DRIVER),
        ("barsuk", application(**NEW), DeclineReason.DRIVER),
        ("yantar", living_in("Республика Дагестан", "Махачкала"), DeclineReason.TERRITORY),
        ("yantar", application(vehicle__year=2000), DeclineReason.VEHICLE_AGE),
        ("yantar", application(drivers__0__kbm_class="M"), DeclineReason.CLAIMS),
        ("verst", application(vehicle__registration="transit"), DeclineReason.DOCUMENTS),
        ("verst", application(owner=COMPANY), DeclineReason.OWNER),
        ("verst", application(period__use_months=3), DeclineReason.PERIOD),
        ("verst", application(vehicle__power_hp=400), DeclineReason.VEHICLE),
        ("omut", application(vehicle__year=1990), DeclineReason.VEHICLE_AGE),
        ("trakt", application(vehicle__use="taxi"), DeclineReason.USE),
        ("trakt", application(vehicle__category="A"), DeclineReason.VEHICLE),
        ("trakt", application(**NEW), DeclineReason.DRIVER),
        ("lukomor", application(vehicle__use="taxi"), DeclineReason.USE),
        ("lukomor", application(vehicle__power_hp=251), DeclineReason.VEHICLE),
        ("lukomor", application(**YOUNG), DeclineReason.DRIVER),
        ("filin", living_in("Санкт-Петербург", None), DeclineReason.TERRITORY),
        ("filin", living_in("Московская область", "Химки"), DeclineReason.TERRITORY),
    ],
)
async def test_a_refusal_in_words_that_the_configuration_understands(ask, insurer, what, reason):
    outcome = await ask(insurer, what)
    assert isinstance(outcome, Declined)
    assert outcome.reason is reason
    assert outcome.message


@pytest.mark.parametrize("insurer", ["sever", "yantar"])
async def test_a_newcomer_of_class_3_was_refused_as_one_who_caused_accidents(ask, insurer):
    assert isinstance(await ask(insurer, application(drivers__0__kbm_class="3")), Offer)


async def test_a_strong_truck_is_no_sports_car(ask):
    truck = application(vehicle__category="C", vehicle__max_mass_kg=20000, vehicle__power_hp=420)
    assert isinstance(await ask("lukomor", truck), Offer)


async def test_what_cannot_be_priced_may_still_be_refused(ask):
    truck_of_unknown_mass = application(vehicle__category="C")
    assert isinstance(await ask("kedr", truck_of_unknown_mass), Declined)
