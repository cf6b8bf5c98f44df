"""Who we are towards an insurer: the `auth` table, and what it adds to a request."""

import base64
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from osago_daemon.insurers.secrets import (
    SecretError,
    SecretRef,
    SecretReference,
    Secrets,
    TextOrSecret,
)
from osago_daemon.insurers.tables import (
    Located,
    Table,
    is_framing_header,
    is_header_name,
    is_header_text,
    problems_error,
)


@dataclass(frozen=True, slots=True)
class Auth:
    """What every request carries. The values are secrets and stay out of its repr."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


class _AuthSpec(Table):
    ascii_only: ClassVar[bool] = True
    """Whether the secrets travel in a header as they are."""

    @abstractmethod
    def build(self, secrets: Secrets) -> Auth:
        """Resolve the secrets; raises `SecretError`."""

    def secret_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Every reference that leads to no usable secret."""
        for name, value in self:
            if isinstance(value, SecretRef):
                try:
                    self._secret(value, secrets)
                except SecretError as error:
                    yield (name,), str(error)

    def _secret(self, reference: SecretRef, secrets: Secrets) -> str:
        value = secrets.resolve(reference).get_secret_value()
        if self.ascii_only and not is_header_text(value):
            raise SecretError(f"{reference} has characters that no header can carry")
        return value


_SECRETS = ("token", "username", "password", "value")


def reference_problems(auth: Mapping[str, Any], secrets: Secrets) -> Iterator[Located]:
    """Of an `auth` table with whatever mistakes: its references that lead to no secret."""
    for name in _SECRETS:
        try:
            secrets.resolve(SecretRef.parse(str(auth.get(name))))
        except SecretError as error:
            yield (name,), str(error)
        except ValueError:
            continue  # no reference at all: told by the check of the table itself


class NoAuth(_AuthSpec):
    """They don't ask who we are."""

    kind: Literal["none"] = "none"

    def build(self, secrets: Secrets) -> Auth:  # noqa: ARG002
        """Nothing to resolve."""
        return Auth()


class BearerAuth(_AuthSpec):
    """`Authorization: Bearer TOKEN` (RFC 6750)."""

    kind: Literal["bearer"]
    token: SecretReference

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the token."""
        return Auth(headers={"Authorization": f"Bearer {self._secret(self.token, secrets)}"})


class BasicAuth(_AuthSpec):
    """`Authorization: Basic …` in UTF-8 (RFC 7617)."""

    ascii_only: ClassVar[bool] = False
    kind: Literal["basic"]
    username: TextOrSecret
    password: SecretReference

    def secret_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Adds a user name that can't be one."""
        problems = list(super().secret_problems(secrets))
        yield from problems
        if not any(key == ("username",) for key, _ in problems):
            try:
                self._username(secrets)
            except SecretError as error:
                yield ("username",), str(error)

    def _username(self, secrets: Secrets) -> str:
        """The user name, which a colon would end early."""
        username = self.username
        if isinstance(username, SecretRef):
            username = self._secret(username, secrets)
        if ":" in username:
            raise SecretError("a user name can't have a colon")
        return username

    def build(self, secrets: Secrets) -> Auth:
        """Resolve both."""
        username = self._username(secrets)
        password = self._secret(self.password, secrets)
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return Auth(headers={"Authorization": f"Basic {pair}"})


class ApiKeyAuth(_AuthSpec):
    """A key in a header or in the query."""

    kind: Literal["api_key"]
    name: str = Field(min_length=1)
    value: SecretReference
    place: Literal["header", "query"] = Field(default="header", alias="in")

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the key."""
        pair = {self.name: self._secret(self.value, secrets)}
        return Auth(headers=pair) if self.place == "header" else Auth(query=pair)

    @model_validator(mode="after")
    def _name_fits(self) -> Self:
        if self.place == "header" and not is_header_name(self.name):
            raise problems_error("api_key", [(("name",), "not the name of a header")])
        if self.place == "header" and is_framing_header(self.name):
            text = "this header is written by the transport"
            raise problems_error("api_key", [(("name",), text)])
        return self


AuthSpec: TypeAlias = Annotated[
    NoAuth | BearerAuth | BasicAuth | ApiKeyAuth, Field(discriminator="kind")
]
