"""From an application to what the tariff counts, and to a price.

Everything that stands in the way is told at once, each at its place in the application. Knows no
tables and no addresses: those belong to `osago_core.tariff`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from osago_core.application import Application
from osago_core.application.rules.days import years_after
from osago_core.pricing.classes import missing, vehicle_class
from osago_core.pricing.texts import DOUBTS, PERHAPS, PROBLEMS
from osago_core.tariff import (
    BadFacts,
    Calculation,
    Doubt,
    Located,
    Owner,
    RatedDriver,
    RatedFacts,
    Registration,
    Tariff,
    TariffBook,
    Territory,
    Unsure,
)
from osago_core.tariff.facts import MONTHS_OF_A_YEAR

_CODES = {"power_hp": "power_missing", "max_mass_kg": "max_mass_missing", "seats": "seats_missing"}
_PATHS = {
    "power_hp": "vehicle.power_hp",
    "territory_id": "owner.address",
    "use_months": "period.use_months",
    "term_months": "period.months",
    "drivers": "drivers",
    "kbm_class": "drivers",
    "owner": "owner",
}
"""Where the facts that the tariff finds fault with stand in an application."""


class ApplicationDoubt(Doubt):
    """Why a figure is approximate, where it is the application that does not say enough."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The doubt in English."""
        return f"{self.about}: {DOUBTS[self.code].format_map(self.params)}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no price: what to mend, where.

    `path` is a place in the application (`owner.address`, `drivers[1]`) or, below `changes`, in
    the changes. `code` is stable, `params` are its words, `text` is English. `suggestions`:
    territories that may have been meant, likeliest first.
    """

    path: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    suggestions: tuple[Territory, ...] = ()

    def __post_init__(self) -> None:
        """Word it, unless whoever found it has."""
        if not self.text:
            object.__setattr__(self, "text", PROBLEMS[self.code].format_map(self.params))


@dataclass(frozen=True, slots=True)
class Rated:
    """An application as the tariff sees it.

    `territory` is None where none counts (registered abroad, in transit). `by` says what decided
    it: `fias`, `kladr`, `oktmo` or `name`. `doubts` are those that come from the application; the
    calculation has its own.
    """

    facts: RatedFacts
    territory: Territory | None = None
    by: str | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpriced:
    """What the tariff cannot price: every reason at once, at least one."""

    problems: tuple[Problem, ...]


class UnpricedError(ValueError):
    """Raised by `price` with the reasons. They hold no personal data."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """`problems`: at least one."""
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems


def price(application: Application, *, book: TariffBook, on: date) -> tuple[Rated, Calculation]:
    """Price an application by the tariff of the day `on`, that of concluding the contract.

    Raises UnpricedError (the application says too little, or what the tariff does not know) or
    NoTariff (a table of that day is not known).
    """
    found = rated(application, book)
    if isinstance(found, Unpriced):
        raise UnpricedError(found.problems)
    return found, calculate(found.facts, book.on(on))


def calculate(facts: RatedFacts, tariff: Tariff) -> Calculation:
    """Price facts. Raises UnpricedError with places in the application, or NoTariff."""
    try:
        return tariff.calculate(facts)
    except BadFacts as bad:
        drivers = tuple(_unrated(facts, tariff)) if bad.field == "drivers" else ()
        raise UnpricedError(drivers or (_fault(bad),)) from bad


def rated(application: Application, book: TariffBook) -> Rated | Unpriced:
    """Read what the tariff counts out of an application. Never raises.

    `book` knows the territories. Ages and years of driving count on the day the policy starts. A
    sole trader rates as an individual.
    """
    owner = Owner.LEGAL if application.owner.kind == "company" else Owner.INDIVIDUAL
    placed = _placed(application, book)
    drivers, strange = rated_drivers(application, application.period.start_date)
    unplaced = (placed,) if isinstance(placed, Problem) else ()
    problems = (*_missing(application), *unplaced, *strange)
    row = vehicle_class(application.vehicle, owner)
    if problems or row is None or isinstance(placed, Problem):
        return Unpriced(problems)
    try:
        facts = RatedFacts(
            vehicle_class=row,
            owner=owner,
            territory_id=placed.territory.id if placed else None,
            power_hp=application.vehicle.power_hp,
            drivers=drivers,
            use_months=application.period.use_months,
            registration=Registration(application.vehicle.registration),
            term_months=application.period.months,
            trailer=application.vehicle.trailer,
        )
    except BadFacts as bad:
        return Unpriced((_fault(bad),))
    doubts = tuple(_doubts(facts))
    if placed is None:
        return Rated(facts, doubts=doubts)
    return Rated(facts, placed.territory, placed.by, doubts)


def rated_drivers(
    application: Application, day: date
) -> tuple[tuple[RatedDriver, ...] | None, tuple[Problem, ...]]:
    """Return the drivers as of a day, None for unlimited use, and those who cannot be."""
    if application.drivers == "unlimited":
        return None, ()
    drivers, problems = [], []
    for index, driver in enumerate(application.drivers):
        age, experience = full_years(driver.birth_date, day), full_years(driver.driving_since, day)
        try:
            drivers.append(RatedDriver(age, experience, driver.kbm_class))
        except BadFacts:
            problems.append(_strange(index, age, experience))
    return tuple(drivers), tuple(problems)


def full_years(since: date, day: date) -> int:
    """Full years on a day; who was born on 29 February is a year older on 1 March at the latest."""
    years = day.year - since.year
    return years if years_after(since, years) <= day else years - 1


def _placed(application: Application, book: TariffBook) -> Located | Problem | None:
    """Find the territory; None where none counts."""
    if application.vehicle.registration != "russia":
        return None
    address = application.owner.address
    found = book.gazetteer.locate(
        address.region,
        address.place,
        kladr=address.kladr,
        fias=address.fias,
        oktmo=address.oktmo,
    )
    return found if isinstance(found, Located) else _unplaced(found)


def _unplaced(unsure: Unsure) -> Problem:
    """Say why no territory is known, and name those that may be."""
    params, text = dict(unsure.params), unsure.text
    if unsure.suggestions:
        params["suggestions"] = "; ".join(territory.name for territory in unsure.suggestions)
        params["suggestions_ru"] = "; ".join(t.name_ru for t in unsure.suggestions)
        text += PERHAPS.format_map(params)
    return Problem("owner.address", unsure.code, params, text, unsure.suggestions)


def _missing(application: Application) -> Iterator[Problem]:
    vehicle = application.vehicle
    for name in missing(vehicle):
        yield Problem(f"vehicle.{name}", _CODES[name], {"category": vehicle.category})


def _unrated(facts: RatedFacts, tariff: Tariff) -> Iterator[Problem]:
    """Name the drivers whom no band holds, each as the only one of the list."""
    for index, driver in enumerate(facts.drivers or ()):
        try:
            tariff.calculate(replace(facts, drivers=(driver,)))
        except BadFacts:
            yield _strange(index, driver.age, driver.experience)


def _strange(index: int, age: int, experience: int) -> Problem:
    years = {"age": str(age), "experience": str(experience)}
    detail = "age {age}, {experience} years of driving".format_map(years)
    return Problem(f"drivers[{index}]", "driver_not_rated", {**years, "detail": detail})


def _fault(bad: BadFacts) -> Problem:
    detail = f"{bad.field}: {bad.detail}"
    return Problem(_PATHS.get(bad.field, ""), "not_rated", {"detail": detail})


def _doubts(facts: RatedFacts) -> Iterator[Doubt]:
    if facts.registration is not Registration.RUSSIA:
        return
    if facts.owner is Owner.LEGAL:
        yield ApplicationDoubt("kt", "legal_territory", {})
    if facts.term_months < MONTHS_OF_A_YEAR:
        yield ApplicationDoubt("ks", "short_term", {"months": str(facts.term_months)})
