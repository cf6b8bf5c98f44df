"""Applications as users write them: the example with another vehicle, and any that one may need."""

import json
from datetime import date, timedelta
from typing import NamedTuple

from osago_core.application import check
from tests.support.processes import EXAMPLES

TODAY = date(2026, 3, 2)
"""The day of these applications, unless said: in an edition whose tables are complete."""

VEHICLES = {
    "car": {"category": "B", "power_hp": 87},
    "taxi": {"category": "B", "power_hp": 87, "use": "taxi"},
    "moto": {"category": "A", "power_hp": 60, "plate": "1234АВ77"},
    "light truck": {"category": "C", "max_mass_kg": 16_000, "use": "business"},
    "heavy truck": {"category": "C", "max_mass_kg": 16_001, "use": "business"},
    "small bus": {"category": "D", "seats": 16, "use": "business"},
    "large bus": {"category": "D", "seats": 17, "use": "business"},
    "bus on a route": {"category": "D", "seats": 30, "use": "regular_route"},
    "trolleybus": {"category": "Tb", "use": "regular_route", "plate": None},
    "tram": {"category": "Tm", "use": "regular_route", "plate": None},
    "tractor": {"category": "tractor", "plate": "1234АВ77"},
}
"""One for every row of annex 1; `car` is two rows, by owner."""

_REGISTRATIONS = {
    "russia": {},
    "transit": {"plate": "АВ123С77"},
    "foreign": {
        "plate": "AB1234",
        "document": {"kind": "foreign", "number": "AB 123456", "issue_date": "2020-05-05"},
    },
}


class Years(NamedTuple):
    """A driver by full years on the day the policy starts; `since_birthday` days ago."""

    age: int = 41
    experience: int = 20
    kbm_class: str | None = "13"
    since_birthday: int = 30
    since_anniversary: int = 60


USUAL_DRIVERS = (Years(),)


def application(number):
    """The example with another VIN, plate and papers. `number` up to 999."""
    raw = example()
    raw["vehicle"]["vin"] = f"XTA219010L{number + 1:07}"
    raw["vehicle"]["plate"] = f"А{number + 1:03}ВС77"
    raw["vehicle"]["document"]["number"] = f"{number + 1:06}"
    return raw


def make_application(  # noqa: PLR0913  # each is a choice of its own, all with a usual value
    vehicle="car",
    *,
    owner="person",
    drivers=USUAL_DRIVERS,
    registration="russia",
    address=("Москва", "Москва"),
    today=TODAY,
    **changes,
):
    """A valid application. `drivers` are `Years`, or "unlimited"; `address` is region and place.

    `changes` go by path, dots as double underscores: `vehicle__power_hp=136, period__months=6`.
    """
    raw = example()
    starts = today + timedelta(days=4)
    raw["period"] = {"start_date": starts.isoformat(), "months": 12}
    raw["vehicle"] |= VEHICLES[vehicle] | _REGISTRATIONS[registration]
    raw["vehicle"]["registration"] = registration
    raw["owner"] = _owner(owner, raw["owner"], address)
    raw["drivers"] = drivers
    if drivers != "unlimited":
        raw["drivers"] = [_driver(years, n, starts) for n, years in enumerate(drivers, 1)]
    for path, value in changes.items():
        _put(raw, path.split("__"), value)
    return raw


def checked(raw, today=TODAY):
    """The application that it is; a test that made a wrong one is told so."""
    valid = check(raw, today=today)
    problems = [(each.path, each.code) for each in getattr(valid, "problems", ())]
    assert not problems, problems
    return valid.application


def make_checked(*args, today=TODAY, **changes):
    """`make_application`, checked."""
    return checked(make_application(*args, today=today, **changes), today)


def example():
    """The application that README quotes."""
    return json.loads((EXAMPLES / "application.json").read_text())


def _owner(kind, person, address):
    region, place = address
    where = {"region": region, "place": place}
    contacts = {"address": where, "phone": person["phone"], "email": person["email"]}
    if kind == "company":
        return {"kind": kind, "name": "ООО «Пример»", "inn": "7731000016"} | contacts
    owner = person | contacts | {"kind": kind}
    return owner | {"inn": "500100732259"} if kind == "sole_trader" else owner


def _driver(years, number, starts):
    born = _before(starts, years.age, years.since_birthday)
    since = _before(starts, years.experience, years.since_anniversary)
    return {
        "last_name": "Иванов",
        "first_name": "Иван",
        "birth_date": born,
        "license": {"series": "9900", "number": f"{number:06}", "issue_date": since},
        "driving_since": since,
        "kbm_class": years.kbm_class,
    }


def _before(day, years, days):
    day -= timedelta(days=days)
    return date(day.year - years, day.month, min(day.day, 28)).isoformat()


def _put(raw, path, value):
    *groups, last = path
    for group in groups:
        raw = raw.setdefault(group, {})
    raw[last] = value
