"""Secrets by reference: insurers.toml says where a secret is, never what it is.

`env:NAME`, `file:PATH` (relative to the file's folder), `credential:NAME` (systemd,
`$CREDENTIALS_DIRECTORY/NAME`), and `plain:VALUE` for the sandbox on this machine only.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import PlainValidator, SecretStr

from osago_daemon.insurers.tables import value_problem

SCHEMES = ("env", "file", "credential", "plain")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_MAX_BYTES = 64 * 1024
"""A token or password fits; a wrong path to something huge is noticed."""

NOT_HERE = (
    "a secret does not belong in this file: write where it is,"
    ' as "env:NAME", "file:PATH" or "credential:NAME"'
)


class SecretError(ValueError):
    """A reference that leads to no usable secret. Names the reference, never the value."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is. Its repr and str are safe to show."""

    scheme: str
    target: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `scheme:target`; ValueError if it is none."""
        scheme, colon, target = text.partition(":")
        if not colon or scheme not in SCHEMES or not target:
            raise ValueError(NOT_HERE)
        if scheme in {"env", "credential"} and (
            not _NAME.fullmatch(target) or target in {".", ".."}
        ):
            raise ValueError(f"{scheme}: takes a plain name")
        return cls(scheme, target)

    def __str__(self) -> str:
        return "plain:…" if self.scheme == "plain" else f"{self.scheme}:{self.target}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Finds what references lead to."""

    folder: Path
    """The folder of insurers.toml."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def resolve(self, reference: SecretRef) -> SecretStr:
        """The secret; raises `SecretError`."""
        match reference.scheme:
            case "env":
                value = self._env(reference)
            case "file":
                value = _file(reference, self.folder / reference.target)
            case "credential":
                value = _file(reference, self._credentials(reference) / reference.target)
            case _:
                value = reference.target
        if not value:
            raise SecretError(f"{reference} is empty")
        if not value.isprintable():
            raise SecretError(f"{reference} has line breaks or control characters inside")
        return SecretStr(value)

    def _env(self, reference: SecretRef) -> str:
        try:
            return self.environ[reference.target]
        except KeyError:
            raise SecretError(f"{reference}: this environment variable is not set") from None

    def _credentials(self, reference: SecretRef) -> Path:
        try:
            return Path(self.environ["CREDENTIALS_DIRECTORY"])
        except KeyError:
            raise SecretError(
                f"{reference}: $CREDENTIALS_DIRECTORY is not set (LoadCredential= of the service)"
            ) from None


def _file(reference: SecretRef, path: Path) -> str:
    """The file's only line, without its end."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SecretError(f"{reference}: {error.strerror or 'cannot be read'}") from None
    if len(raw) > _MAX_BYTES:
        raise SecretError(f"{reference} is too large for a secret")
    try:
        return raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretError(f"{reference} is not UTF-8 text") from None


def _secret_ref(raw: Any) -> SecretRef:
    if isinstance(raw, SecretRef):
        return raw
    if not isinstance(raw, str):
        raise value_problem(NOT_HERE)
    try:
        return SecretRef.parse(raw)
    except ValueError as error:
        raise value_problem(str(error)) from None


SecretReference = Annotated[SecretRef, PlainValidator(_secret_ref)]


def _text_or_secret(raw: Any) -> SecretRef | str:
    if isinstance(raw, str) and raw and raw.partition(":")[0] not in SCHEMES:
        return raw
    return _secret_ref(raw)


TextOrSecret = Annotated[SecretRef | str, PlainValidator(_text_or_secret)]
"""Something that is no secret in itself, such as a user name, but may stand beside one."""
