"""What an insurers.toml asks for, built as far as nobody notices. Blocks; runs in a worker thread.

Owns resolving secrets, reading certificates, building adapters, and saying what of the insurers
that there are can stay. Changes nothing of these: a draft that nobody takes costs nothing.
"""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from osago_core.tariff import TariffBook
from osago_daemon.config_problems import ConfigError, ConfigProblem
from osago_daemon.insurers.port import Adapter
from osago_daemon.insurers.registry import KindError
from osago_daemon.insurers.secrets import OpenedSecrets, Patience, SecretError, Secrets
from osago_daemon.insurers.transport import TlsFilesError, TlsOptions, Transport, TransportOptions
from osago_daemon.resilience.numbers import PacingNumbers, PipelineNumbers
from osago_daemon.settings import InsurerSettings, Settings


class Way(NamedTuple):
    """A transport and what it was made from; the same options and files need no other one."""

    options: TransportOptions
    files: bytes
    """Digest of what is in the files that the options name."""
    transport: Transport


@dataclass(frozen=True, slots=True)
class Part:
    """One insurer as the file wants it."""

    settings: InsurerSettings
    """Its secrets are forgotten."""
    adapter: Adapter
    way: Way
    secrets: bytes = field(repr=False)
    """Keyed digest of their values."""

    @property
    def numbers(self) -> PipelineNumbers:
        """As asked for."""
        return self.settings.pipeline

    @property
    def pacing(self) -> PacingNumbers:
        """As asked for."""
        return self.settings.pacing

    def is_as(self, before: "Part") -> bool:
        """Whether nothing about it has changed."""
        return self.settings.digest == before.settings.digest and self.can_keep_adapter(before)

    def can_keep_adapter(self, before: "Part") -> bool:
        """Whether the adapter of before, with its login, would do the same as a new one."""
        same_version = self.settings.version == before.settings.version
        return same_version and self.secrets == before.secrets and self.way is before.way


class Tariff(NamedTuple):
    """The tables that applications are priced by."""

    book: TariffBook
    files: bytes
    """Digest of what is in them; nothing for the shipped ones."""


class Draft(NamedTuple):
    """What a file asks for, without problems."""

    parts: tuple[Part, ...]
    tariff: Tariff


def draw_up(
    settings: Settings, before: Draft | None, key: bytes, patience: Patience | None = None
) -> Draft:
    """Build what these settings ask for, keeping of `before` what is still right.

    `key` is that of the secrets' digests. Raises `ConfigError` with all problems. Programs that
    give secrets may take ten seconds each, while there is `patience`.
    """
    opened = settings.opened(patience)
    builder = _Builder(opened.path, before, key)
    parts = [builder.part(insurer) for insurer in opened.insurers]
    if builder.problems:
        raise ConfigError(builder.problems)
    tariff = Tariff(settings.tariff, settings.tariff_files)
    if before is not None and tariff.files == before.tariff.files:
        tariff = before.tariff
    return Draft(tuple(part for part in parts if part is not None), tariff)


class _Builder:
    def __init__(self, path: Path, before: Draft | None, key: bytes) -> None:
        self.problems: list[ConfigProblem] = []
        self._path = path
        self._key = key
        parts = () if before is None else before.parts
        self._before = {part.settings.id: part for part in parts}
        self._ways = {(part.way.options, part.way.files): part.way for part in parts}

    def part(self, settings: InsurerSettings) -> Part | None:
        secrets = settings.secrets
        assert isinstance(secrets, OpenedSecrets)  # noqa: S101  # of `Settings.opened`
        try:
            way = self._way(settings.transport)
            adapter = settings.adapter(way.transport)
        except KindError as error:
            self.problems.append(settings.problem(self._path, ("adapter",), str(error)))
        except (SecretError, TlsFilesError) as error:
            self.problems.append(settings.problem(self._path, (), str(error)))
        else:
            closed = replace(settings, secrets=Secrets(secrets.folder, secrets.environ))
            part = Part(closed, adapter, way, secrets.digest(self._key))
            before = self._before.get(settings.id)
            if before is None or not part.can_keep_adapter(before):
                return part
            return replace(part, adapter=before.adapter)
        return None

    def _way(self, options: TransportOptions) -> Way:
        files = _digest_of_files(options.tls)
        if (options, files) not in self._ways:
            self._ways[options, files] = Way(options, files, Transport(options))
        return self._ways[options, files]


def _digest_of_files(tls: TlsOptions) -> bytes:
    paths = [path for path in (tls.ca_file, tls.client_cert, tls.client_key) if path is not None]
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            digest.update(b"-")  # whoever uses it says what is wrong with it
    return digest.digest()
