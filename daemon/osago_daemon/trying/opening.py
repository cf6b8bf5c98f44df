"""One insurer out of an insurers.toml, ready to be asked: its table, secrets and way out.

A daemon judges the whole file; here only this insurer's mistakes matter, and one that is switched
off can be tried as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from osago_daemon.config.reading import ConfigFile, read
from osago_daemon.config_problems import ConfigError, ConfigProblem
from osago_daemon.insurers import urls
from osago_daemon.insurers.keys import Key, key_text
from osago_daemon.insurers.port import Adapter
from osago_daemon.insurers.registry import KindError, Surroundings, build_adapter
from osago_daemon.insurers.rest import Watcher, utc_now
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import OpenedSecrets, SecretError
from osago_daemon.insurers.secrets.resolving import Secrets
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.transport import TlsFilesError, Transport
from osago_daemon.settings import DICTIONARIES, INSURERS, load


class UnknownInsurerError(LookupError):
    """An id that the file has no table for."""

    def __init__(self, insurer: str, known: tuple[str, ...]) -> None:
        """`known` are those it has."""
        super().__init__(insurer)
        self.insurer = insurer
        self.known = known


@dataclass(frozen=True, slots=True)
class Tried:
    """An insurer to be tried out."""

    path: Path
    file: ConfigFile
    spec: InsurerSpec
    secrets: OpenedSecrets

    @property
    def id(self) -> str:
        """The name of its table."""
        return self.spec.id

    @property
    def rest(self) -> RestSpec | None:
        """Its table where that is declared; None for a plug-in's of another kind."""
        return self.spec if isinstance(self.spec, RestSpec) else None

    @property
    def table(self) -> Mapping[str, Any]:
        """As it stands in the file."""
        found: Mapping[str, Any] = self.file.raw[INSURERS][self.id]
        return found

    @property
    def dictionaries(self) -> Mapping[str, Any]:
        """The tables `[dictionaries.NAME]` as they stand in the file."""
        found = self.file.raw.get(DICTIONARIES, {})
        return found if isinstance(found, Mapping) else {}

    @property
    def base_url(self) -> str:
        """Empty where a plug-in has none."""
        return str(getattr(self.spec, "base_url", ""))

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        login = getattr(getattr(self.spec, "auth", None), "url", None)
        return all(urls.is_loopback_url(url) for url in (self.base_url, login) if url is not None)

    @property
    def secret_values(self) -> list[str]:
        """Everything that its references lead to."""
        found = (self.secrets.found[reference] for reference in self.secrets.used)
        return [each.get_secret_value() for each in found if not isinstance(each, str)]

    @property
    def references(self) -> list[str]:
        """To its secrets, without a value."""
        return sorted(str(reference) for reference in self.secrets.used)

    def place(self, key: Key) -> dict[str, Any]:
        """`{"key", "line"}` of a key below its table."""
        whole = (INSURERS, self.id, *key)
        return {"key": key_text(whole), "line": self.file.lines.of(whole)}

    def transport(self) -> Transport:
        """The way out, as the table says."""
        return Transport(self.spec.transport.options(self.secrets))

    def adapter(
        self,
        transport: httpx.AsyncBaseTransport,
        watcher: Watcher | None,
        now: Callable[[], datetime] = utc_now,
    ) -> Adapter:
        """Built as in a daemon."""
        return build_adapter(self.spec, Surroundings(transport, self.secrets, now, watcher))


def opened(path: Path, insurer: str) -> Tried:
    """The insurer with its secrets. Raises `ConfigError` and `UnknownInsurerError`."""
    file = read(path)
    if file is None:
        load(path)  # has the words for it
        raise ConfigError([ConfigProblem(path, None, "", "can't be read")])
    if insurer not in file.ids:
        raise UnknownInsurerError(insurer, file.ids)
    spec = file.specs.get(insurer)
    if spec is None:
        raise ConfigError(_problems(path, insurer))
    secrets = OpenedSecrets.of(Secrets(path.parent)).for_one()
    tried = Tried(path, file, spec, secrets)
    problems = [_problem(tried, key, text) for key, text in spec.surroundings_problems(secrets)]
    if not problems:
        try:
            tried.adapter(tried.transport(), None)
        except KindError as error:
            problems = [_problem(tried, ("adapter",), str(error))]
        except (SecretError, TlsFilesError) as error:
            problems = [_problem(tried, (), str(error))]
    if problems:
        raise ConfigError(problems)
    return tried


def _problem(tried: Tried, key: Key, text: str) -> ConfigProblem:
    place = tried.place(key)
    return ConfigProblem(tried.path, place["line"], place["key"], text)


def _problems(path: Path, insurer: str) -> list[ConfigProblem]:
    """What is wrong with its table; if that lies elsewhere, everything."""
    try:
        load(path)
    except ConfigError as error:
        own = key_text((INSURERS, insurer))
        found = [p for p in error.problems if p.key == own or p.key.startswith(f"{own}.")]
        return found or list(error.problems)
    return [ConfigProblem(path, None, key_text((INSURERS, insurer)), "can't be used")]
