"""How insurers want to know who asks. The secrets are public: they open a sandbox."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Auth(Protocol):
    """One kind of authentication."""

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Say whether the request carries the right secret."""


@dataclass(frozen=True, slots=True)
class Open:
    """Anyone may ask."""

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # the protocol's signature
        """Let everyone in."""
        return True


@dataclass(frozen=True, slots=True)
class Bearer:
    """`Authorization: Bearer TOKEN`."""

    token: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # the protocol's signature
        """Compare the token."""
        return headers.get("Authorization") == f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class Basic:
    """`Authorization: Basic base64(username:password)`, in UTF-8 (RFC 7617)."""

    username: str
    password: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # the protocol's signature
        """Compare user name and password."""
        expected = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return headers.get("Authorization") == f"Basic {expected}"


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """An API key in a header."""

    name: str
    value: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # the protocol's signature
        """Compare the header."""
        return headers.get(self.name) == self.value


@dataclass(frozen=True, slots=True)
class QueryKey:
    """An API key in the query string."""

    name: str
    value: str

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:  # noqa: ARG002  # the protocol's signature
        """Compare the query parameter."""
        return query.get(self.name) == self.value
