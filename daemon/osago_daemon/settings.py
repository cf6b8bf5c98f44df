"""Loads insurers.toml: frozen tables of every insurer that is switched on, or all its problems.

Owns finding and telling problems with file, line and key. What a table may hold is the business of
the kind of adapter it names.
"""

import hashlib
import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
from pydantic import Field, ValidationError

from osago_core.tariff import TariffBook
from osago_core.tariff.book import SHIPPED
from osago_core.tariff.validate import problems as tariff_problems
from osago_daemon.config_problems import (
    ConfigError,
    ConfigProblem,
    explain,
    nearest,
    unknown_key,
)
from osago_daemon.insurers import dictionary_tables, look_ups
from osago_daemon.insurers.functions.dictionaries import Dictionary
from osago_daemon.insurers.keys import Key, key_text
from osago_daemon.insurers.nesting import deeper_than
from osago_daemon.insurers.port import Adapter
from osago_daemon.insurers.registry import (
    DEFAULT_KIND,
    Found,
    KindError,
    Surroundings,
    build_adapter,
    found,
    names,
)
from osago_daemon.insurers.rest import utc_now
from osago_daemon.insurers.secrets import OpenedSecrets, Patience, SecretError, Secrets
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.tables import Located, Table, type_name
from osago_daemon.insurers.transport import TransportOptions
from osago_daemon.resilience.numbers import PacingNumbers, PipelineNumbers
from osago_daemon.toml_lines import TomlLines

__all__ = ["ConfigError", "ConfigProblem", "InsurerSettings", "Settings", "load"]

INSURERS = "insurers"
TARIFF = "tariff"
DICTIONARIES = "dictionaries"
MAX_DEPTH = 50
"""Of tables within tables and lists: far more than any request body has."""

_ONLY_MANNERS = frozenset({"name", "enabled", "attempt_timeout_s", "retry", "breaker", "limits"})
_TOO_DEEP = "nested too deeply"
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class InsurerSettings:
    """One insurer's table without problems, and what is built from it."""

    spec: InsurerSpec
    transport: TransportOptions
    """Insurers with equal options can share one transport."""
    secrets: Secrets
    lines: TomlLines
    """Where its keys stand in the file."""
    version: str
    """Changes with whatever decides what an answer means."""
    digest: str = ""
    """Changes with anything in the table, and with the dictionaries that it may name."""

    @property
    def id(self) -> str:
        """The name of its table."""
        return self.spec.id

    @property
    def name(self) -> str:
        """What people read."""
        return self.spec.name

    @property
    def pipeline(self) -> PipelineNumbers:
        """The numbers of its pipeline."""
        return self.spec.pipeline

    @property
    def pacing(self) -> PacingNumbers:
        """The numbers of its polls."""
        return self.spec.pacing

    def line_of(self, key: Key) -> int | None:
        """The line of a key below this insurer's table; None where its default holds."""
        return self.lines.at((INSURERS, self.id, *key))

    def adapter(
        self, transport: httpx.AsyncBaseTransport, now: Callable[[], datetime] = utc_now
    ) -> Adapter:
        """Resolve the secrets and build; `SecretError` where one is gone since `load`.

        `KindError` where a plug-in can't.
        """
        return build_adapter(self.spec, Surroundings(transport, self.secrets, now))

    def surroundings_problems(self, path: Path, secrets: Secrets) -> list[ConfigProblem]:
        """What its table needs from outside the file and doesn't find."""
        kind = found(self.spec.adapter)
        assert kind is not None  # noqa: S101  # or there were no table of it
        try:
            with kind.blamed("reading its table"):
                problems = self.spec.surroundings_problems(secrets)
                return [self.problem(path, key, text) for key, text in problems]
        except KindError as error:
            return [self.problem(path, ("adapter",), str(error))]
        except SecretError as error:  # of a plug-in that lets it out
            return [self.problem(path, (), str(error))]

    def problem(self, path: Path, key: Key, text: str) -> ConfigProblem:
        """What is wrong at a key below this insurer's table."""
        whole = (INSURERS, self.id, *key)
        return ConfigProblem(path, self.lines.of(whole), key_text(whole), text)


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration without problems."""

    path: Path
    insurers: tuple[InsurerSettings, ...]
    """Those switched on, in the order of the file."""
    tariff: TariffBook
    """The shipped one, or the folder that the file names; then all of it has been checked."""
    tariff_files: bytes = b""
    """Digest of what was in its files before they were read; nothing for the shipped ones."""

    def opened(self, patience: Patience | None = None) -> "Settings":
        """With the secrets that it is built with, each resolved once.

        Programs are run for it, each for up to ten seconds while there is `patience`. Raises
        `ConfigError` with all that can't be had.
        """
        waited_for = replace(self.insurers[0].secrets, patience=patience or Patience())
        secrets = OpenedSecrets.of(waited_for)
        opened = [(insurer, secrets.for_one()) for insurer in self.insurers]
        problems = [
            problem
            for insurer, own in opened
            for problem in insurer.surroundings_problems(self.path, own)
        ]
        if problems:
            raise ConfigError(problems)
        insurers = [
            replace(insurer, secrets=own, transport=insurer.spec.transport.options(own))
            for insurer, own in opened
        ]
        return replace(self, insurers=tuple(insurers))


class TariffTable(Table):
    """`[tariff]`: a folder of one's own, laid out like the shipped one, that stands instead."""

    directory: Annotated[str, Field(min_length=1)]
    """Relative to the folder of insurers.toml."""


def load(
    path: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    patience: Patience | None = None,
) -> Settings:
    """Read and check a file. Raises `ConfigError` with all its problems at once.

    Secrets are looked for, so that a missing one is a problem of the file, but not kept. Programs
    that give one are not run. Keyrings are asked, once for each entry, while there is `patience`.
    """
    text = _read(path)
    raw = _parse(path, text)
    if deeper_than(raw, MAX_DEPTH):
        raise ConfigError([ConfigProblem(path, None, "", _TOO_DEEP)])
    secrets = Secrets(path.parent, environ, patience=patience or Patience())
    words = dictionary_tables.read(raw.get(DICTIONARIES, {}), path.parent)
    reader = _Reader(OpenedSecrets.of(secrets.for_checking()))
    with look_ups.using(words.dictionaries):
        specs = reader.read(raw)
    reader.problems += [((DICTIONARIES, *key), text) for key, text in words.problems]
    tariff = reader.read_tariff(raw, path.parent)
    lines = TomlLines(text)
    if reader.problems:
        problems = [
            ConfigProblem(path, lines.of(key), key_text(key), text) for key, text in reader.problems
        ]
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0))
    return Settings(
        path,
        tuple(
            InsurerSettings(
                spec,
                spec.transport.options(secrets),
                secrets,
                lines,
                _version(raw[INSURERS][spec.id], spec.adapter, words.dictionaries),
                _digest(raw[INSURERS][spec.id], words.dictionaries),
            )
            for spec in specs
        ),
        tariff,
        reader.tariff_files,
    )


def _version(table: Mapping[str, Any], adapter: str, dictionaries: Mapping[str, Dictionary]) -> str:
    """Of everything in the table but how often and how patiently it is asked.

    A dictionary belongs to it that the table may name, and the version of a plug-in.
    """
    kind = found(adapter)
    more = kind.version if kind is not None else ""
    meaning = {key: value for key, value in table.items() if key not in _ONLY_MANNERS}
    if "poll" in meaning:
        meaning["poll"] = _without_pace(table["poll"])
    if "steps" in meaning:
        meaning["steps"] = [
            {**step, "poll": _without_pace(step["poll"])} if "poll" in step else step
            for step in table["steps"]
        ]
    return _digest(meaning, dictionaries, more)


def _without_pace(poll: Mapping[str, Any]) -> dict[str, Any]:
    pace = PacingNumbers.model_fields
    return {key: value for key, value in poll.items() if key not in pace}


def _digest(
    table: Mapping[str, Any], dictionaries: Mapping[str, Dictionary], more: str = ""
) -> str:
    text = json.dumps(table, sort_keys=True, default=str, ensure_ascii=False)
    text += "".join(
        f"\n{name} {dictionary.fingerprint}"
        for name, dictionary in sorted(dictionaries.items())
        if name in text
    )
    text += more
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Reader:
    """Collects tables and problems of one file."""

    def __init__(self, secrets: Secrets) -> None:
        self.problems: list[Located] = []
        self.tariff_files = b""
        self._secrets = secrets

    def read(self, raw: Mapping[str, Any]) -> tuple[InsurerSpec, ...]:
        known = (INSURERS, TARIFF, DICTIONARIES)
        self.problems += [((key,), unknown_key(key, known)) for key in raw if key not in known]
        tables = raw.get(INSURERS, {})
        if not isinstance(tables, dict):
            self._note((INSURERS,), f"expected tables [insurers.ID], got {type_name(tables)}")
            return ()
        if not tables:
            self._note((INSURERS,), "there is no insurer; add a table [insurers.ID]")
        self.problems += _shared_names(tables)
        self.problems += _shared_ids(tables)
        specs = [self._insurer(name, table) for name, table in tables.items()]
        enabled = tuple(spec for spec in specs if spec is not None and spec.enabled)
        if tables and not enabled and not self.problems:
            self._note((INSURERS,), "every insurer is switched off by enabled = false")
        return enabled

    def read_tariff(self, raw: Mapping[str, Any], folder: Path) -> TariffBook:
        if TARIFF not in raw:
            return TariffBook()
        try:
            directory = TariffTable.model_validate(raw[TARIFF]).directory
        except ValidationError as error:
            self._note_below((TARIFF,), explain(error, TariffTable))
            return TariffBook()
        book = TariffBook(folder / directory)
        # First: what is changed while it is read is then another tariff for the next reload.
        self.tariff_files = _digest_of_folder(book.folder)
        found = tariff_problems(book)
        self._note_below((TARIFF,), ((("directory",), text) for text in found))
        if not found:
            book.hold()
        return book

    def _insurer(self, name: str, table: object) -> InsurerSpec | None:
        key = (INSURERS, name)
        if not isinstance(table, dict):
            self._note(key, f"expected a table, got {type_name(table)}")
            return None
        try:
            kind = self._kind(key, table.get("adapter", DEFAULT_KIND))
            if kind is None:
                return None
            with kind.blamed("reading its table"):
                return self._spec(key, table, kind.kind.spec)
        except KindError as error:
            self._note((*key, "adapter"), str(error))
            return None

    def _kind(self, key: Key, name: object) -> Found | None:
        kind = found(name) if isinstance(name, str) else None
        if kind is None:
            known = ", ".join(names())
            self._note(
                (*key, "adapter"), f"unknown kind; there is {known}{nearest(str(name), names())}"
            )
        return kind

    def _spec(
        self, key: Key, table: Mapping[str, Any], model: type[InsurerSpec]
    ) -> InsurerSpec | None:
        if "id" in table:
            self._note((*key, "id"), "unknown key; the id is the name of the table")
        try:
            spec = model.model_validate({**table, "id": key[-1]})
            _ = spec.pipeline, spec.pacing  # of a plug-in they may be anything
        except ValidationError as error:
            for below, text in explain(error, model):
                self._note(key if below == ("id",) else (*key, *below), text)
            if table.get("enabled") is not False:
                self._note_below(key, model.surroundings_problems_of(table, self._secrets))
            return None
        if spec.enabled:
            self._note_below(key, spec.surroundings_problems(self._secrets))
        return spec

    def _note_below(self, table: Key, problems: Iterable[Located]) -> None:
        self.problems += [((*table, *below), text) for below, text in problems]

    def _note(self, key: Key, text: str) -> None:
        self.problems.append((key, text))


def _shared_names(tables: Mapping[str, Any]) -> Iterator[Located]:
    """Two insurers that people, or clients, could not tell apart; members count as any."""
    seen: dict[str, Key] = {}
    for key, name in _names(tables):
        first = seen.setdefault(name.strip().casefold(), key)
        if first != key:
            where = key_text((INSURERS, *first))
            yield (INSURERS, *key, "name"), f"{where} has the same name"


def _names(tables: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    for insurer, table in tables.items():
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str):
            yield (insurer,), name
        for id_, member in _members(table).items():
            name = member.get("name") if isinstance(member, dict) else None
            if isinstance(name, str):
                yield (insurer, "offers", "members", id_), name


def _members(table: Any) -> Mapping[str, Any]:
    """Of the insurers whose offers one gives, as far as the table says so readably."""
    for name in ("offers", "members"):
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _shared_ids(tables: Mapping[str, Any]) -> Iterator[Located]:
    """A member with the id of somebody else."""
    owners: dict[str, str] = {}
    for insurer, table in tables.items():
        for id_ in _members(table):
            key = (INSURERS, insurer, "offers", "members", id_)
            if id_ in tables:
                yield key, f"there is a table [insurers.{id_}] already"
            elif owners.setdefault(id_, insurer) != insurer:
                yield key, f"insurers.{owners[id_]} has a member of this id already"


def _digest_of_folder(folder: Path) -> bytes:
    if folder == SHIPPED:
        return b""
    digest = hashlib.sha256(str(folder).encode())
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix().encode()
        digest.update(b"%d:%b" % (len(name), name))
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            digest.update(b"-")  # whoever reads it says what is wrong with it
    return digest.digest()


def _read_regular(path: Path) -> bytes:
    """Without waiting for whoever writes to a pipe."""
    with open(path, "rb", opener=_opened) as file:  # Path's takes no opener
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ConfigError([ConfigProblem(path, None, "", "is no regular file")])
        return file.read()


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _read(path: Path) -> str:
    try:
        return _read_regular(path).decode("utf-8-sig")  # Windows editors write a BOM
    except FileNotFoundError:
        raise ConfigError([ConfigProblem(path, None, "", "there is no such file")]) from None
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise ConfigError([ConfigProblem(path, None, "", text)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([ConfigProblem(path, line, "", "not UTF-8 text")]) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError([ConfigProblem(path, None, "", _TOO_DEEP)]) from None
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        line, column = text.count("\n") + 1, None
        if place and place[1]:
            line, column = int(place[1]), int(place[2])
        what = _PLACE.sub("", message)
        problem = ConfigProblem(path, line, "", f"not TOML: {what}", column)
        raise ConfigError([problem]) from None
    except ValueError:  # Python's bound on the digits of a number
        raise ConfigError([ConfigProblem(path, None, "", "a number is too long")]) from None
