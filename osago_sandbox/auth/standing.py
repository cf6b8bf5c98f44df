"""Credentials that never change: none, keys, a bearer token, a password in every request."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from osago_sandbox.asked import Asked
from osago_sandbox.auth.base import ENDED, Guard, Refused
from osago_sandbox.clock import Clock


class Standing(ABC):
    """A kind that remembers nothing, and so is its own guard."""

    logs_in = False

    @abstractmethod
    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Say whether the request carries the right secret."""

    def guard(self, seed: str, clock: Clock) -> Guard:  # noqa: ARG002  # nothing to make up
        """Itself."""
        return self

    def check(self, asked: Asked) -> Refused | None:
        """Compare."""
        return None if self.accepts(asked.headers, asked.query) else Refused()

    def expire(self, asked: Asked) -> Refused:  # noqa: ARG002  # nothing is forgotten
        """Only say so."""
        return Refused(ENDED)

    def is_handshake(self, asked: Asked) -> bool:  # noqa: ARG002  # none is
        """Nobody has to ask how."""
        return False


@dataclass(frozen=True, slots=True)
class Open(Standing):
    """Anyone may ask."""

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # any kind's
        """Let everyone in."""
        return True


@dataclass(frozen=True, slots=True)
class Bearer(Standing):
    """`Authorization: Bearer TOKEN`."""

    token: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # any kind's
        """Compare the token."""
        return headers.get("Authorization") == f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class Basic(Standing):
    """`Authorization: Basic base64(username:password)`, in UTF-8 (RFC 7617)."""

    username: str
    password: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # any kind's
        """Compare user name and password."""
        expected = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return headers.get("Authorization") == f"Basic {expected}"


@dataclass(frozen=True, slots=True)
class HeaderKey(Standing):
    """An API key in a header."""

    name: str
    value: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # any kind's
        """Compare the header."""
        return headers.get(self.name) == self.value


@dataclass(frozen=True, slots=True)
class QueryKey(Standing):
    """An API key in the query string."""

    name: str
    value: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # any kind's
        """Compare the query parameter."""
        return query.get(self.name) == self.value
