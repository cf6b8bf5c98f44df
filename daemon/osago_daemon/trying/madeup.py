"""A made-up application of the same shape: everybody in it is somebody else, all prices the same.

What is made up follows from the order in which values come, never from the values: nothing of them
can be found out from it. The same value becomes the same made-up one wherever it stands.
"""

import random
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from osago_core.application import Application, Valid, check
from osago_core.application.fields.registers import inn_check_digit
from osago_core.application.marks import Personal
from osago_core.application.model import Application as Model
from osago_core.application.shape import leaves
from osago_daemon.trying.masking import redactors_of

_COMPANYS = {"name", "inn", "kpp", "ogrn"}
_LATIN = "ABCDEFGHKLMNPRSTUVXYZ"
_CYRILLIC = "АВЕКМНОРСТУХ"
_DIGITS = "123456789"
_TRIES = 50
_WORD = re.compile(r"[^\W\d_]+")
_STREETS = ("Примерная", "Образцовая", "Макетная", "Шаблонная", "Эталонная", "Учебная")
_COMPANIES = ("Пример", "Образец", "Макет", "Шаблон", "Эталон", "Прототип")
_SHIFTS_DAYS = (307, 211, 109, 53, 23, 11, 5, 3, 1)
"""All personal days are moved back together, as far as the application's own rules allow."""

_NAMES = {
    "last_name": "Примеров Образцов Макетов Шаблонов Эталонов Прототипов Слепков Моделин",
    "first_name": "Архип Богдан Вениамин Герасим Демьян Ефим Захар Игнат Касьян Лаврентий",
    "middle_name": "Архипович Богданович Демьянович Ефимович Захарович Игнатович Касьянович",
}
_LATIN_NAMES = {
    "last_name": "Sampleton Modelby Exemplar Patternson Templeford",
    "first_name": "Ambrose Barnaby Cuthbert Dunstan Erasmus Fergus",
    "middle_name": "Gideon Horatio Ignatius Jarvis Lambert",
}


class Pair(NamedTuple):
    """A value and what stands in its place."""

    real: str
    made_up: str
    day: bool = False


class MadeUp(NamedTuple):
    """A made-up application, and what was changed."""

    application: Application
    document: dict[str, Any]
    """As JSON."""
    pairs: tuple[Pair, ...]
    kept: frozenset[str]
    """What of it stands as it was: values that are not personal, and their words."""


def made_up(application: Application, today: date) -> MadeUp | None:
    """One that is as valid; None where none could be found."""
    document = application.model_dump(mode="json")
    for letters in (True, False):
        for days in _SHIFTS_DAYS:
            maker = _Maker(application, days, letters=letters)
            made = maker.document(document)
            checked = check(made, today=today)
            if isinstance(checked, Valid):
                pairs, kept = tuple(maker.pairs.values()), frozenset(maker.kept)
                return MadeUp(checked.application, made, pairs, kept)
    return None


def _personal() -> dict[str, Personal]:
    return {path: place.personal for path, place in leaves(Model) if place.personal is not None}


class _Maker:
    def __init__(self, application: Application, days: int, *, letters: bool) -> None:
        """`letters`: also those of codes are changed, which some forms of plates don't bear."""
        self.pairs: dict[tuple[str, str], Pair] = {}
        self.kept: set[str] = set()
        self._redactors = redactors_of(application)
        self._days = days
        self._letters = letters
        self._personal = _personal()

    def document(self, value: Any, path: str = "", *, company: bool = False) -> Any:
        match value:
            case dict():
                company = value.get("kind") == "company"
                return {
                    key: self.document(item, f"{path}.{key}".lstrip("."), company=company)
                    for key, item in value.items()
                }
            case list() | tuple():
                return [self.document(item, f"{path}[]") for item in value]
            case str():
                name = path.rpartition(".")[2]
                if path in self._personal and not (company and name in _COMPANYS):
                    return self._made(name, value, self._personal[path])
                if company and name in _COMPANYS:
                    return self._made(name, value, Personal.CODE)
                self.kept.update((value, *_WORD.findall(value)))
                return value
            case _:
                self.kept.add(str(value))
                return value

    def _made(self, name: str, value: str, kind: Personal) -> str:
        known = self.pairs.get((name, value))
        if known is not None:
            return known.made_up
        if kind is Personal.DATE:
            made = (date.fromisoformat(value) - timedelta(days=self._days)).isoformat()
        else:
            made = self._other(name, value)
        self.pairs[name, value] = Pair(value, made, day=kind is Personal.DATE)
        return made

    def _other(self, name: str, value: str) -> str:
        """The first of its kind that neither stands for another nor looks like a real one."""
        taken = {pair.made_up for (of, _), pair in self.pairs.items() if of == name}
        order = sum(of == name for of, _ in self.pairs)
        for attempt in range(_TRIES):
            chance = random.Random(f"{name} {order} {attempt}")  # noqa: S311  # no cryptography
            made = self._candidate(name, value, order + attempt, chance)
            if made != value and made not in taken and not self._looks_real(made):
                return made
        return self._candidate(name, value, order, random.Random(name))  # noqa: S311

    def _looks_real(self, made: str) -> bool:
        return any(redactor.mask_known(made) != made for redactor in self._redactors)

    def _candidate(self, name: str, value: str, order: int, chance: random.Random) -> str:
        maker = _MAKERS.get((name, len(value))) or _MAKERS.get((name, 0))
        if maker is not None:
            return maker(value, order, chance)
        return "".join(_other_character(char, chance, letters=self._letters) for char in value)


def _other_character(char: str, chance: random.Random, *, letters: bool) -> str:
    if char.isdigit():
        return chance.choice(_DIGITS)
    if not letters or not char.isalpha():
        return char
    made = chance.choice(_LATIN if char.isascii() else _CYRILLIC)
    return made if char.isupper() else made.lower()


def _some(count: int, chance: random.Random) -> str:
    return "".join(chance.choices(_DIGITS, k=count))


def _name(field: str) -> "_Make":
    def make(value: str, order: int, chance: random.Random) -> str:
        del chance
        names = (_LATIN_NAMES if value.isascii() else _NAMES)[field].split()
        return names[order % len(names)]

    return make


def _nth(words: tuple[str, ...], order: int) -> str:
    return words[order % len(words)]


def _inn(value: str, _: int, chance: random.Random) -> str:
    made = _some(9 if len(value) == 10 else 10, chance)  # noqa: PLR2004  # a company's
    while len(made) < len(value):
        made += inn_check_digit(made)
    return made


def _ogrn(value: str, _: int, chance: random.Random) -> str:
    stem = _some(len(value) - 1, chance)
    return stem + str(int(stem) % (len(value) - 2) % 10)


_Make = Callable[[str, int, random.Random], str]
_MAKERS: dict[tuple[str, int], _Make] = {
    **{(field, 0): _name(field) for field in _NAMES},
    ("inn", 0): _inn,
    ("ogrn", 0): _ogrn,
    ("ogrnip", 0): _ogrn,
    ("phone", 0): lambda value, _, chance: value[:3] + _some(len(value) - 3, chance),
    ("email", 0): lambda _, order, __: f"somebody{order + 1}@post.invalid",
    ("kladr", 0): lambda value, _, chance: value[:2] + _some(len(value) - 2, chance),
    ("fias", 0): lambda _, __, chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    ("text", 0): lambda _, order, __: f"ул {_nth(_STREETS, order)}, д {order + 1}",
    ("issued_by", 0): lambda _, order, __: f"Отделение {order + 1}",
    ("name", 0): lambda _, order, __: f"ООО «{_nth(_COMPANIES, order)} {order + 1}»",
    ("kpp", 0): lambda value, _, chance: _some(len(value), chance),
}


def forms(pair: Pair) -> Iterator[tuple[str, str]]:
    """A value as insurers write it, and its stand-in in the same way."""
    if pair.day:
        real, made = date.fromisoformat(pair.real), date.fromisoformat(pair.made_up)
        for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d", "%d%m%Y", "%Y.%m.%d"):
            yield real.strftime(form), made.strftime(form)
        return
    yield pair.real, pair.made_up
    for case in (str.upper, str.lower, str.title):
        yield case(pair.real), case(pair.made_up)
    if pair.real.startswith("+7"):
        yield pair.real[1:], pair.made_up[1:]
        yield "8" + pair.real[2:], "8" + pair.made_up[2:]
        yield pair.real[2:], pair.made_up[2:]
