"""The Bank of Russia's OSAGO tariff: what a policy may cost, and why.

Insurers choose only the base rate, inside a corridor; every other coefficient is fixed by the
edict. So premium = base rate x product of coefficients, and both directions can be checked:

    tariff = tariff_on(date(2026, 3, 1))
    territory = find_territory("Республика Татарстан", "г. Казань")
    calculation = tariff.calculate(
        RatedFacts(
            vehicle_class=VehicleClass.CAR_INDIVIDUAL,
            owner=Owner.INDIVIDUAL,
            territory_id=territory.id,
            power_hp=Decimal(136),
            drivers=(RatedDriver(age=41, experience=21, kbm_class="13"),),
        )
    )
    calculation.premium_min, calculation.premium_max   # lawful bounds, roubles and kopecks
    calculation.premium(Decimal(4200))                 # the premium at a base rate
    calculation.implied_base_rate(Decimal("4184.33"))  # the base rate behind a premium
    [line.text for line in calculation.lines]          # "KM 1.40: 120 < 136 ≤ 150 hp", …

Tables are data (`data/`, one file per edition, see `data/README.md`); a new edict is a new file.
Standard library only. Nothing here asks a network or a clock: the day comes from the caller.
"""

from osago_core.tariff.book import TariffBook, find_territory, locate, tariff_on, territories
from osago_core.tariff.calculation import Calculation, CoefficientLine, Doubt
from osago_core.tariff.errors import BadFacts, NoTariff
from osago_core.tariff.facts import (
    Owner,
    RatedDriver,
    RatedFacts,
    Registration,
    VehicleClass,
)
from osago_core.tariff.located import Located, Unsure
from osago_core.tariff.provenance import Confidence
from osago_core.tariff.tables import BaseRate
from osago_core.tariff.tariff import Tariff
from osago_core.tariff.territory import Territory

__all__ = [
    "BadFacts",
    "BaseRate",
    "Calculation",
    "CoefficientLine",
    "Confidence",
    "Doubt",
    "Located",
    "NoTariff",
    "Owner",
    "RatedDriver",
    "RatedFacts",
    "Registration",
    "Tariff",
    "TariffBook",
    "Territory",
    "Unsure",
    "VehicleClass",
    "find_territory",
    "locate",
    "tariff_on",
    "territories",
]
