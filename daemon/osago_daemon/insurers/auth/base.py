"""What all kinds of `auth` tables share: their secrets by reference, and what is built of them."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator

from osago_daemon.insurers.auth.visits import Exit, Session
from osago_daemon.insurers.secrets import SecretError, SecretRef, Secrets
from osago_daemon.insurers.tables import (
    Located,
    Table,
    is_header_text,
    problems_error,
    with_problems,
)

SECRETS = "secrets"
"""The one table of references below `auth`."""


@dataclass(frozen=True, slots=True)
class Auth:
    """What every request carries. The values are secrets and stay out of its repr."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not be repeated, also where the insurer does."""
    opens: Callable[[Exit], Session] | None = field(default=None, repr=False)
    """Makes the session, where what is carried changes."""

    def session(self, way_out: Exit) -> Session:
        """The one session of an adapter."""
        return Session(self.secrets) if self.opens is None else self.opens(way_out)


class AuthTable(Table):
    """One kind of `auth`."""

    ascii_only: ClassVar[bool] = True
    """Whether the secrets travel in a header as they are."""

    @abstractmethod
    def build(self, secrets: Secrets) -> Auth:
        """Resolve the secrets; raises `SecretError`."""

    @classmethod
    def raw_problems(cls, raw: Mapping[str, Any]) -> Iterator[Located]:  # noqa: ARG003  # for kinds
        """What is wrong between keys, of a table of which anything may be missing or wrong."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _consistent(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """What spans several keys is told together with what is wrong with each."""
        problems = list(cls.raw_problems(raw)) if isinstance(raw, Mapping) else []
        try:
            table = handler(raw)
        except ValidationError as error:
            raise with_problems(error, problems) from None
        if problems:
            raise problems_error(cls.__name__, problems)
        return table

    def secret_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Every reference that leads to no usable secret."""
        for name, value in self:
            below = value.items() if name == SECRETS else ()
            for key, reference in (((name,), value), *(((name, n), r) for n, r in below)):
                if isinstance(reference, SecretRef):
                    try:
                        self.secret(reference, secrets)
                    except SecretError as error:
                        yield key, str(error)

    def secret(self, reference: SecretRef, secrets: Secrets) -> str:
        """What a reference leads to."""
        value = secrets.resolve(reference).get_secret_value()
        if self.ascii_only and not is_header_text(value):
            raise SecretError(f"{reference} has characters that no header can carry")
        return value

    def text(self, value: SecretRef | str, secrets: Secrets) -> str:
        """Plain text as it is, or what a reference leads to."""
        return self.secret(value, secrets) if isinstance(value, SecretRef) else value


_SECRETS = ("token", "username", "password", "value", "client_id", "client_secret")


def reference_problems(auth: Mapping[str, Any], secrets: Secrets) -> Iterator[Located]:
    """Of an `auth` table with whatever mistakes: its references that lead to no secret."""
    below = auth.get(SECRETS)
    named = below if isinstance(below, Mapping) else {}
    for key, raw in (
        *(((name,), auth.get(name)) for name in _SECRETS),
        *(((SECRETS, str(name)), value) for name, value in named.items()),
    ):
        try:
            secrets.resolve(SecretRef.parse(str(raw)))
        except SecretError as error:
            yield key, str(error)
        except ValueError:
            continue  # no reference at all: told by the check of the table itself
