"""The tables about drivers: age and experience (KVS), bonus-malus (KBM) and its transitions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from osago_core.tariff.errors import BadFacts
from osago_core.tariff.provenance import Provenance
from osago_core.tariff.tables import Entry, Json, decimal_of

KBM_CLASSES = ("M", *(str(number) for number in range(14)))


class Years(NamedTuple):
    """A closed range of full years; `last` is None in an open one."""

    first: int
    last: int | None

    @classmethod
    def parse(cls, text: str) -> "Years":
        """Read "3-4", "2" or "15+"."""
        if text.endswith("+"):
            return cls(int(text[:-1]), None)
        first, _, last = text.partition("-")
        return cls(int(first), int(last or first))

    def __str__(self) -> str:
        return f"{self.first}+" if self.last is None else f"{self.first}-{self.last}"


class AgeRow(NamedTuple):
    """One band of ages with its values by experience."""

    ages: Years
    by_experience: tuple[tuple[Years, Decimal], ...]


class AgeTable(NamedTuple):
    """KVS: by full years of age and of driving experience.

    `legal_factor` multiplies it for a limited list and a legal owner (None: not in this edition);
    `foreign` stands instead of it for an individual's vehicle registered abroad.
    """

    rows: tuple[AgeRow, ...]
    provenance: Provenance
    legal_factor: Entry | None
    foreign: Entry | None

    @classmethod
    def parse(cls, raw: Json) -> "AgeTable":
        """Read `{"rows": [{"age": "22-24", "by_experience": {"3-4": "1.13"}}], …}`."""
        legal, foreign = raw.get("legal_factor"), raw.get("foreign")
        return cls(
            tuple(_age_row(row) for row in raw["rows"]),
            Provenance.of(raw),
            None if legal is None else Entry.parse(legal, raw),
            None if foreign is None else Entry.parse(foreign, raw),
        )

    def find(self, age: int, experience: int) -> Decimal:
        """Return the value for one driver. Raises BadFacts where no such driver can be."""
        # Spelled out: asking `Years` with `in` was a quarter of a calculation.
        for (youngest, oldest), by_experience in self.rows:
            if youngest <= age and (oldest is None or age <= oldest):
                for (least, most), value in by_experience:
                    if least <= experience and (most is None or experience <= most):
                        return value
        raise BadFacts("drivers", f"age {age} with {experience} years of driving is in no band")


class KbmTable(NamedTuple):
    """KBM: value per class, the class of a driver without history, the value of unlimited use."""

    classes: Mapping[str, Decimal]
    provenance: Provenance
    no_history: str
    no_history_provenance: Provenance
    unlimited: Entry

    @classmethod
    def parse(cls, raw: Json) -> "KbmTable":
        """Read `{"classes": {"M": "3.92"}, "no_history": {"class"}, "unlimited": {"value"}}`."""
        return cls(
            {name: decimal_of(value) for name, value in raw["classes"].items()},
            Provenance.of(raw),
            raw["no_history"]["class"],
            Provenance.of(raw["no_history"], raw),
            Entry.parse(raw["unlimited"], raw),
        )

    def find(self, kbm_class: str | None) -> Decimal:
        """Return the value of a class; None = without history. Raises BadFacts if unknown."""
        try:
            return self.classes[self.no_history if kbm_class is None else kbm_class]
        except KeyError:
            raise BadFacts("kbm_class", f"{kbm_class!r} is none of M, 0 … 13") from None


class KbmTransitions(NamedTuple):
    """The class of the next KBM year by the present one and the number of claims."""

    classes: Mapping[str, tuple[str, ...]]
    provenance: Provenance

    @classmethod
    def parse(cls, raw: Json) -> "KbmTransitions":
        """Read `{"classes": {"13": ["13", "7", "3", "1", "M"]}}`, columns 0, 1, 2, 3, >3."""
        rows = {name: tuple(row) for name, row in raw["classes"].items()}
        return cls(rows, Provenance.of(raw))

    def after(self, kbm_class: str, claims: int) -> str:
        """Return the next class. Raises BadFacts for an unknown class or a negative number."""
        if kbm_class not in self.classes:
            raise BadFacts("kbm_class", f"{kbm_class!r} is none of M, 0 … 13")
        if claims < 0:
            raise BadFacts("claims", "cannot be negative")
        row = self.classes[kbm_class]
        return row[min(claims, len(row) - 1)]


def _age_row(raw: Json) -> AgeRow:
    values = raw["by_experience"].items()
    return AgeRow(
        Years.parse(raw["age"]),
        tuple((Years.parse(years), decimal_of(value)) for years, value in values),
    )
