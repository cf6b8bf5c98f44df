"""A tariff report by hand: what it holds is known to the kopeck, whatever the tables say today."""

from datetime import date
from decimal import Decimal

from osago_core.tariff.texts import DOUBTS, REASONS, plain
from osago_core.wire.tariff import (
    BaseRateCorridor,
    Lever,
    TariffCoefficient,
    TariffDoubt,
    TariffPrice,
    TariffReport,
    TariffTerritory,
)

KAZAN = TariffTerritory(
    id="ta/kazan", name="Tatarstan: Казань", name_ru="Республика Татарстан: Казань", by="name"
)
UNKNOWN_CLASS = ("kbm", "kbm_class_unknown", {})


def coefficient(name, value, reason, confidence="high", /, **params):
    text = f"{name.upper()} {plain(Decimal(value))}: {REASONS[reason].format_map(params)}"
    return TariffCoefficient(
        name=name,
        value=Decimal(value),
        reason=reason,
        params=params,
        text=text,
        confidence=confidence,
        source=("TCO", "CALC26"),
        approximate=False,
    )


def doubt(about, code, params):
    text = f"{about}: {DOUBTS[code].format_map(params)}"
    return TariffDoubt(about=about, code=code, params=params, text=text)


LINES = (
    coefficient("kt", "1.7", "territory", territory="ta/kazan", name="Tatarstan: Казань"),
    coefficient("kbm", "0.46", "kbm_worst", kbm_class="13", drivers="2"),
    coefficient("kvs", "0.83", "kvs_worst", age="41", experience="21", drivers="2"),
    coefficient("ko", "1", "drivers_limited"),
    coefficient("km", "1.4", "power_band", over="120", power="136.5", to="150"),
    coefficient("ks", "1", "use_months", "medium", months="12"),
)
UNLIMITED = (
    LINES[0],
    coefficient("kbm", "1", "kbm_unlimited", "low"),
    coefficient("kvs", "1", "kvs_unlimited"),
    coefficient("ko", "3.16", "drivers_unlimited"),
    LINES[4],
    coefficient("ks", "0.7", "use_months", "medium", months="6"),
)


def price(lines=LINES, low="3130.12", high="19387.07", multiplier="2.2374", **fields):
    doubts = tuple(doubt(*each) for each in fields.pop("doubts", ()))
    known = {
        "edict": "7204-U",
        "edition": date(2025, 12, 9),
        "effective_from": date(2025, 12, 9),
        "starts_on": date(2026, 1, 15),
        "vehicle_class": "car_individual",
        "territory": KAZAN,
        "base_rate": BaseRateCorridor(
            min=Decimal(1399), max=Decimal(8665), confidence="high", source=("TCO",)
        ),
    }
    return TariffPrice(
        **(known | fields),
        coefficients=lines,
        multiplier=Decimal(multiplier),
        premium_min=Decimal(low),
        premium_max=Decimal(high),
        approximate=bool(doubts),
        doubts=doubts,
    )


def lever(code, share="0.2", from_date=None, changed="KVS 1.92 → 0.91", **params):
    return Lever(
        code=code,
        params={**params, "changed": changed},
        text=f"as the core says ({changed})",
        from_date=from_date,
        multiplier=Decimal("0.5"),
        saving_share=Decimal(share),
        saving_min=Decimal("626.02"),
        saving_max=Decimal("3877.41"),
    )


LEVERS = (
    lever("driver_left_out", "0.385", driver="2"),
    lever("driver_birthday", "0.2", date(2027, 5, 5), driver="1", age="22", day="2027-05-05"),
)
CHANGED = price(UNLIMITED, "5262.34", "32593.40", "3.7615")


def report(changed=None, levers=LEVERS, **fields):
    return TariffReport(price=price(**fields), levers=levers, changed=changed)


def document(of):
    """As the command hands it to what shows it."""
    return of.model_dump(mode="json", exclude_none=True)
