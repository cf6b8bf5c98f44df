"""What all kinds of authentication share: a description, and the guard it puts at a desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from osago_sandbox.asked import Asked
from osago_sandbox.clock import Clock

WRONG = "Доступ запрещён: проверьте учётные данные"
ENDED = "Срок действия токена истёк"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why somebody is not let in.

    `code` is `unauthorized`, or `token_expired` where a login makes it good; `headers` go into the
    answer.
    """

    message: str = WRONG
    code: str = "unauthorized"
    headers: Mapping[str, str] = field(default_factory=dict)


class Guard(Protocol):
    """Lets requests in or not. One per desk; it may remember what it has seen."""

    def check(self, asked: Asked) -> Refused | None:
        """Say why the request is refused; None lets it in. Each is to be shown once."""

    def expire(self, asked: Asked) -> Refused:
        """End what the request shows before its time, and say so."""

    def is_handshake(self, asked: Asked) -> bool:
        """Whether the request can only be one that asks how to log in."""


class Auth(Protocol):
    """One kind of authentication."""

    @property
    def logs_in(self) -> bool:
        """Whether clients need requests of their own to log in."""

    def guard(self, seed: str, clock: Clock) -> Guard:
        """A guard that has seen nobody yet. What it makes up follows from the seed."""
