from decimal import Decimal

import pytest

from osago_core.tariff import Owner, RatedDriver, RatedFacts, VehicleClass


@pytest.fixture(scope="session")
def make_facts():
    """An ordinary policy: 41 years, 21 of driving, class 13, 136 hp, Kazan; change what matters."""

    def make(**changes):
        usual = {
            "vehicle_class": VehicleClass.CAR_INDIVIDUAL,
            "owner": Owner.INDIVIDUAL,
            "territory_id": "ta/kazan",
            "power_hp": Decimal(136),
            "drivers": (RatedDriver(age=41, experience=21, kbm_class="13"),),
        }
        return RatedFacts(**{**usual, **changes})

    return make
