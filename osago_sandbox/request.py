"""What an insurer was asked, once its own API shape is off: the facts it rates and refuses by."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CATEGORIES = (
    *("A", "A1", "M", "B", "B1", "BE", "C", "C1", "CE", "C1E"),
    *("D", "D1", "DE", "D1E", "Tb", "Tm", "tractor"),
)
USES = ("personal", "business", "taxi", "training", "rental", "regular_route", "special")
REGISTRATIONS = ("russia", "foreign", "transit")
OWNERS = ("person", "sole_trader", "company")
KBM_CLASSES = ("M", *(str(number) for number in range(14)))


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The vehicle. Power in hp, mass in kg; None where the insurer was not told."""

    category: str
    use: str
    registration: str
    year: int
    power_hp: Decimal | None
    max_mass_kg: int | None
    seats: int | None


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner, without anything that tells who it is. The address by names, codes or both."""

    kind: str
    region: str
    place: str | None
    kladr: str | None
    fias: str | None


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver of the list. `kbm_class` is None where the client does not know it."""

    birth_date: date
    driving_since: date
    kbm_class: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """When the policy starts, its term, and the months of use within the year."""

    start_date: date
    months: int
    use_months: int


@dataclass(frozen=True, slots=True)
class Request:
    """A whole application as rated. `drivers` is None for unlimited use."""

    vehicle: Vehicle
    owner: Owner
    drivers: tuple[Driver, ...] | None
    period: Period

    @property
    def vehicle_age(self) -> int:
        """Years between the year of make and the start of the policy."""
        return self.period.start_date.year - self.vehicle.year

    @property
    def youngest_age(self) -> int | None:
        """Full years of the youngest driver at the start; None for unlimited use."""
        return self._least([driver.birth_date for driver in self.drivers or ()])

    @property
    def least_experience(self) -> int | None:
        """Full years of driving of the newest driver at the start; None for unlimited use."""
        return self._least([driver.driving_since for driver in self.drivers or ()])

    @property
    def kbm_known(self) -> bool:
        """Whether nobody on the list has an unknown KBM class."""
        return all(driver.kbm_class is not None for driver in self.drivers or ())

    def _least(self, since: list[date]) -> int | None:
        return min((full_years(day, self.period.start_date) for day in since), default=None)


def full_years(since: date, on: date) -> int:
    """Birthdays (or anniversaries) passed from `since` to `on`."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))
