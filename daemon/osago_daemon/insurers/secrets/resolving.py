"""From a reference to the secret it leads to, and what no secret may be."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from osago_daemon.insurers.secrets import keyrings
from osago_daemon.insurers.secrets.commands import TIMEOUT_S, Commands, Patience
from osago_daemon.insurers.secrets.files import granted_file, private_file
from osago_daemon.insurers.secrets.reference import SecretError, SecretRef

_STAND_IN = SecretStr("stand-in")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Finds what references lead to."""

    folder: Path
    """The folder of insurers.toml."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    command_timeout_s: float = TIMEOUT_S
    checking: bool = False
    patience: Patience = field(default_factory=Patience, repr=False, compare=False)
    """Of who waits for programs and keyrings."""

    def for_checking(self) -> Self:
        """The same for who only looks whether a file is right.

        The program of a command is looked for and not run: it may ask somebody, or be seen by
        others. `resolve` then gives a stand-in, which is fit for every place and opens none.
        """
        return replace(self, checking=True)

    def resolve(self, reference: SecretRef) -> SecretStr:
        """The secret; raises `SecretError`. A command or keyring blocks for up to its timeout."""
        if reference.scheme == "command" and self.checking:
            self._commands.program(reference)
            return _STAND_IN
        value = self._value(reference)
        if not value.strip():
            raise SecretError(f"{reference} is empty")
        if not value.isprintable():
            raise SecretError(f"{reference} has line breaks or control characters inside")
        return SecretStr(value)

    def _value(self, reference: SecretRef) -> str:
        match reference.scheme:
            case "env":
                return self._env(reference)
            case "file":
                return private_file(reference, self.folder / reference.target)
            case "credential":
                return granted_file(reference, self._credentials(reference) / reference.target)
            case "keyring":
                return keyrings.password(reference, self._commands)
            case "command":
                return self._commands.output(reference)
            case _:
                return reference.target

    @property
    def _commands(self) -> Commands:
        return Commands(self.folder, self.environ, self.command_timeout_s, self.patience)

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
