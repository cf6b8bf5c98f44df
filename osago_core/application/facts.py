"""The few facts that cross-checks compare, each read on its own.

A missing or broken field leaves one fact out and hides nothing else: that is why the cross-checks
read facts, and not the model that exists only when every field is right. Facts are personal, so
they do not print themselves.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic_core import PydanticCustomError

from osago_core.application.base import is_blank
from osago_core.application.driver import MAX_DRIVERS
from osago_core.application.fields.alphabet import fold, squeeze
from osago_core.application.fields.numbers import parse_day
from osago_core.application.model import OWNER
from osago_core.application.vehicle import CATEGORIES

T = TypeVar("T")
_CATEGORY_BY_FOLDED = {fold(category): category for category in CATEGORIES}


@dataclass(frozen=True, slots=True, repr=False)
class PartyFacts:
    """Of an owner or policyholder."""

    path: str
    birth_date: date | None
    passport_kind: str | None
    passport_issued: date | None
    has_contacts: bool


@dataclass(frozen=True, slots=True, repr=False)
class DriverFacts:
    """Of a driver. `license_key` is equal for equal licences; `looks_like_company` for misfits."""

    path: str
    birth_date: date | None
    driving_since: date | None
    license_issued: date | None
    license_series: str | None
    license_key: str | None
    previous_issued: date | None
    foreign_license: bool
    looks_like_company: bool


@dataclass(frozen=True, slots=True, repr=False)
class VehicleFacts:
    """Of the vehicle. `given` are the keys that hold anything, right or wrong."""

    category: str | None
    use: str | None
    registration: str
    year: int | None
    document_kind: str | None
    document_series: str | None
    document_issued: date | None
    card_valid_until: date | None
    given: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """All that the cross-checks need. None: not given, or broken and reported as such."""

    vehicle: VehicleFacts | None
    owner: PartyFacts | None
    policyholder: PartyFacts | None
    drivers: tuple[DriverFacts, ...]
    start_date: date | None
    months: int | None
    use_months: int | None

    @property
    def people(self) -> Iterator[PartyFacts]:
        """Yield the owner and, if that is another party, the policyholder."""
        yield from (party for party in (self.owner, self.policyholder) if party is not None)


class _Reader:
    """Reads one group of fields leniently."""

    def __init__(self, raw: object) -> None:
        self._raw: Mapping[object, object] = raw if isinstance(raw, Mapping) else {}

    def value(self, key: str) -> object:
        return self._raw.get(key)

    def below(self, key: str) -> "_Reader":
        return _Reader(self.value(key))

    def day(self, key: str) -> date | None:
        return self._parsed(key, parse_day)

    def word(self, key: str) -> str | None:
        value = self.value(key)
        return fold(value.strip()) if isinstance(value, str) else None

    def whole(self, key: str) -> int | None:
        value = self.value(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def given(self) -> frozenset[str]:
        return frozenset(
            key for key, value in self._raw.items() if isinstance(key, str) and not is_blank(value)
        )

    def _parsed(self, key: str, parse: Callable[[object], T]) -> T | None:
        try:
            return parse(self.value(key))
        except PydanticCustomError:
            return None


def facts_of(raw: object) -> Facts:
    """Read the facts of an application as users write it, right or wrong."""
    reader = _Reader(raw)
    period = reader.below("period")
    drivers = reader.value("drivers")
    return Facts(
        vehicle=_vehicle(reader.value("vehicle")),
        owner=_party("owner", reader.value("owner")),
        policyholder=(
            None
            if reader.word("policyholder") == fold(OWNER)
            else _party("policyholder", reader.value("policyholder"))
        ),
        drivers=tuple(
            _driver(f"drivers[{index}]", _Reader(driver))
            for index, driver in enumerate(_as_list(drivers)[:MAX_DRIVERS])
        ),
        start_date=period.day("start_date"),
        months=period.whole("months"),
        use_months=period.whole("use_months"),
    )


def _as_list(raw: object) -> Sequence[object]:
    return raw if isinstance(raw, list | tuple) else ()


def _party(path: str, raw: object) -> PartyFacts | None:
    if not isinstance(raw, Mapping):
        return None
    reader = _Reader(raw)
    passport = reader.below("passport")
    return PartyFacts(
        path=path,
        birth_date=reader.day("birth_date"),
        passport_kind=passport.word("kind"),
        passport_issued=passport.day("issue_date"),
        has_contacts={"phone", "email"} <= reader.given(),
    )


def _driver(path: str, reader: _Reader) -> DriverFacts:
    license_ = reader.below("license")
    series, number = license_.word("series"), license_.word("number")
    return DriverFacts(
        path=path,
        birth_date=reader.day("birth_date"),
        driving_since=reader.day("driving_since"),
        license_issued=license_.day("issue_date"),
        license_series=None if series is None else squeeze(series),
        license_key=squeeze(f"{series or ''}{number}") if number else None,
        previous_issued=reader.below("previous_license").day("issue_date"),
        foreign_license=license_.value("foreign") is True,
        looks_like_company=reader.word("kind") == fold("company"),
    )


def _vehicle(raw: object) -> VehicleFacts | None:
    if not isinstance(raw, Mapping):
        return None
    reader = _Reader(raw)
    document = reader.below("document")
    series = document.word("series")
    return VehicleFacts(
        category=_CATEGORY_BY_FOLDED.get(reader.word("category") or ""),
        use=reader.word("use"),
        registration=reader.word("registration") or "russia",
        year=reader.whole("year"),
        document_kind=document.word("kind"),
        document_series=None if series is None else squeeze(series),
        document_issued=document.day("issue_date"),
        card_valid_until=reader.below("diagnostic_card").day("valid_until"),
        given=reader.given(),
    )
