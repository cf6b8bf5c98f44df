"""What a price depends on: the facts of an application, and nothing personal."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from osago_core.tariff.errors import BadFacts

MONTHS_OF_A_YEAR = 12


class VehicleClass(StrEnum):
    """The rows of annex 1 (base rates). Names as in the data files."""

    MOTO = "moto"
    CAR_LEGAL = "car_legal"
    CAR_INDIVIDUAL = "car_individual"
    CAR_TAXI = "car_taxi"
    TRUCK_LE16T = "truck_le16t"
    TRUCK_GT16T = "truck_gt16t"
    BUS_LE16 = "bus_le16"
    BUS_GT16 = "bus_gt16"
    BUS_REGULAR = "bus_regular"
    TROLLEYBUS = "trolleybus"
    TRAM = "tram"
    TRACTOR = "tractor"

    @property
    def family(self) -> str:
        """`car`, `moto` or `other`: power and age tables and formulas differ by it."""
        if self.value.startswith("car_"):
            return "car"
        return "moto" if self is VehicleClass.MOTO else "other"


class Owner(StrEnum):
    """Who owns the vehicle. A sole trader rates as an individual."""

    INDIVIDUAL = "individual"
    LEGAL = "legal"


class Registration(StrEnum):
    """Where the vehicle is registered; decides which formula applies."""

    RUSSIA = "russia"
    FOREIGN = "foreign"
    FOREIGN_UNFRIENDLY = "foreign_unfriendly"
    """Registered in a state of the government's list; other coefficients since 2026."""
    TRANSIT = "transit"
    """On its way to the place of registration."""


@dataclass(frozen=True, slots=True)
class RatedDriver:
    """A driver as the tariff sees one: full years on the day the policy starts.

    `kbm_class` is "M" or "0" … "13"; None = unknown, rated as a driver without history.
    """

    age: int
    experience: int
    kbm_class: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.age < 0 or self.experience < 0:
            raise BadFacts("drivers", "age and experience cannot be negative")
        if self.experience > self.age:
            raise BadFacts("drivers", f"{self.experience} years of driving at age {self.age}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedFacts:
    """Everything a premium depends on, except the insurer's base rate.

    - `territory_id`: id of a `Territory` (`find_territory`); the owner's address for individuals,
      the vehicle's registration for legal owners. None only where no territory counts (a vehicle
      registered abroad or in transit) or where `kt` is given.
    - `power_hp`: engine power in hp, fractions kept (1 kW = 1.35962 hp); None only where the
      vehicle class has no power coefficient.
    - `drivers`: the limited list, or None for unlimited use.
    - `use_months`: months of use within the year, 1 … 12.
    - `term_months`, `term_days`: the policy's term, for vehicles registered abroad only; days
      count where the term is shorter than a month.
    - `owner_kbm_class`: class of the organisation that owns the vehicle (unlimited use only).
    - `kbm`, `kt`: coefficients known from elsewhere (an insurer's answer, a published example);
      they stand instead of the tables' value.
    - `trailer`, `gross_violations`: count in editions before September 2020 only.
    """

    vehicle_class: VehicleClass
    owner: Owner
    territory_id: str | None
    power_hp: Decimal | None
    drivers: tuple[RatedDriver, ...] | None
    use_months: int = MONTHS_OF_A_YEAR
    registration: Registration = Registration.RUSSIA
    term_months: int = MONTHS_OF_A_YEAR
    term_days: int | None = None
    owner_kbm_class: str | None = None
    kbm: Decimal | None = None
    kt: Decimal | None = None
    trailer: bool = False
    gross_violations: bool = False

    def __post_init__(self) -> None:
        """Refuse facts that contradict each other; nothing about them is looked up yet."""
        if self.drivers is not None and not self.drivers:
            raise BadFacts("drivers", "an empty list; None means unlimited use")
        if self.power_hp is not None and self.power_hp <= 0:
            raise BadFacts("power_hp", "must be more than 0")
        for field in ("use_months", "term_months"):
            if not 1 <= getattr(self, field) <= MONTHS_OF_A_YEAR:
                raise BadFacts(field, f"must be 1 … {MONTHS_OF_A_YEAR}")
        if self.term_days is not None and self.term_days < 1:
            raise BadFacts("term_days", "must be at least 1")
        for field in ("kbm", "kt"):
            given = getattr(self, field)
            if given is not None and given <= 0:
                raise BadFacts(field, "must be more than 0")
        self._check_owner()

    def _check_owner(self) -> None:
        legal = self.owner is Owner.LEGAL
        if self.vehicle_class is VehicleClass.CAR_INDIVIDUAL and legal:
            raise BadFacts("owner", "a legal owner's car is of class car_legal")
        if self.vehicle_class is VehicleClass.CAR_LEGAL and not legal:
            raise BadFacts("owner", "an individual's car is of class car_individual")
        if self.owner_kbm_class is not None and not (legal and self.drivers is None):
            raise BadFacts("owner_kbm_class", "counts for a legal owner and unlimited use only")
