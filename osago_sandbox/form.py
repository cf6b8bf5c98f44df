"""The form an insurer wants filled in: where in its body each fact stands, and in which words.

`Form` is a table of dotted paths, one per insurer; `Form.read` turns a body into a `Request` or
raises `Misfilled` with everything that is wrong with it, under the insurer's own names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from osago_sandbox import request as ask
from osago_sandbox.reading import Reader

Words = Mapping[Any, str]
"""An insurer's dictionary: its word → ours."""


class Misfilled(Exception):  # noqa: N818  # an answer for the client, not a bug
    """The body lacks something or has it wrong. `problems`: path in the body → what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {text}" for path, text in problems.items()))
        self.problems = problems


def same(words: tuple[str, ...]) -> Words:
    """The dictionary of an insurer that happens to use our words."""
    return {word: word for word in words}


@dataclass(frozen=True, kw_only=True)
class DriverForm:
    """Where the facts of one driver stand, from the driver's own object on."""

    birth_date: str
    driving_since: str
    kbm_class: str
    required: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """Dotted paths into the body.

    - `one_of`: identifiers of the vehicle, of which at least one is needed.
    - `required`: texts that are not rated but asked for (who the owner is, documents).
    - `unlimited`: path of a field, and its value when anyone may drive.
    - `key`: the idempotency key, where the insurer takes it in the body.
    - `contacts`: phone and e-mail; together with `key` they are no part of the content.
    - `dates`: strptime format of every date.
    - `texts`: the body is a form or XML, where every value is a text.
    """

    category: str
    use: str
    registration: str
    year: str
    power_hp: str
    max_mass_kg: str
    seats: str
    one_of: tuple[str, ...]
    owner_kind: str
    region: str
    place: str
    kladr: str
    fias: str
    unlimited: tuple[str, Any]
    drivers: str
    driver: DriverForm
    start_date: str
    months: str
    use_months: str
    required: tuple[str, ...] = ()
    key: str | None = None
    contacts: tuple[str, ...] = ()
    dates: str = "%Y-%m-%d"
    texts: bool = False
    categories: Words = field(default_factory=lambda: same(ask.CATEGORIES))
    uses: Words = field(default_factory=lambda: same(ask.USES))
    registrations: Words = field(default_factory=lambda: same(ask.REGISTRATIONS))
    owner_kinds: Words = field(default_factory=lambda: same(ask.OWNERS))

    def read(self, body: object) -> ask.Request:
        """The request behind a body. Raises `Misfilled`."""
        reader = Reader(body, texts=self.texts)
        found = ask.Request(
            vehicle=self._vehicle(reader),
            owner=ask.Owner(
                kind=reader.choice(self.owner_kind, self.owner_kinds),
                region=reader.text(self.region),
                place=reader.text_or_none(self.place),
                kladr=reader.text_or_none(self.kladr),
                fias=reader.text_or_none(self.fias),
            ),
            drivers=self._drivers(reader),
            period=ask.Period(
                start_date=reader.day(self.start_date, self.dates),
                months=reader.whole(self.months),
                use_months=reader.whole(self.use_months),
            ),
        )
        for path in self.required:
            reader.text(path)
        if reader.problems:
            raise Misfilled(reader.problems)
        return found

    def _vehicle(self, reader: Reader) -> ask.Vehicle:
        reader.need_one(self.one_of)
        return ask.Vehicle(
            category=reader.choice(self.category, self.categories),
            use=reader.choice(self.use, self.uses),
            registration=reader.choice(self.registration, self.registrations),
            year=reader.whole(self.year),
            power_hp=reader.number_or_none(self.power_hp),
            max_mass_kg=reader.whole_or_none(self.max_mass_kg),
            seats=reader.whole_or_none(self.seats),
        )

    def _drivers(self, reader: Reader) -> tuple[ask.Driver, ...] | None:
        path, unlimited = self.unlimited
        if reader.plain(path) == unlimited:
            return None
        return tuple(self._driver(item) for item in reader.each(self.drivers))

    def _driver(self, reader: Reader) -> ask.Driver:
        for path in self.driver.required:
            reader.text(path)
        return ask.Driver(
            birth_date=reader.day(self.driver.birth_date, self.dates),
            driving_since=reader.day(self.driver.driving_since, self.dates),
            kbm_class=reader.choice_or_none(self.driver.kbm_class, same(ask.KBM_CLASSES)),
        )
