"""What a reference to a secret looks like. Knows its form, not the place it leads to."""

import re
import shlex
from dataclasses import dataclass, field
from typing import Self

SCHEMES = ("env", "file", "credential", "keyring", "command", "plain")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")

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
        text_of_problem = _form_problem(scheme, target)
        if text_of_problem is not None:
            raise ValueError(f"{scheme}: {text_of_problem}")
        return cls(scheme, target)

    @property
    def words(self) -> list[str]:
        """A command as program and arguments, split as a shell would, run by none."""
        return shlex.split(self.target)

    @property
    def entry(self) -> tuple[str, str]:
        """A keyring's service and user; the service may have slashes."""
        service, _, user = self.target.rpartition("/")
        return service, user

    def __str__(self) -> str:
        match self.scheme:
            case "plain":
                return "plain:…"
            case "command":  # an argument may be what opens something
                program, *arguments = self.words
                return f"command:{program}{' …' if arguments else ''}"
            case _:
                return f"{self.scheme}:{self.target}"


def _form_problem(scheme: str, target: str) -> str | None:
    match scheme:
        case "env" | "credential":
            plain = _NAME.fullmatch(target) and target not in {".", ".."}
            return None if plain else "takes a plain name"
        case "file":
            return "takes a path" if "\0" in target else None
        case "keyring":
            service, _, user = target.rpartition("/")
            return None if service.strip() and user.strip() else "takes SERVICE/USER"
        case "command":
            return _command_problem(target)
        case _:
            return None


def _command_problem(target: str) -> str | None:
    try:
        words = shlex.split(target)
    except ValueError:
        return "has a quotation mark or a backslash that nothing follows"
    if not words or not words[0] or "\0" in target:
        return "takes a program and its arguments"
    return None
