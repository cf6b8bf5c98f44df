"""What the adapter sees of who we are: a session, and a visit for each request.

A session lasts as long as the adapter and is shared by all its calls. A visit is one request with
all its repetitions.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx
from pydantic import SecretStr

from osago_daemon.insurers.port import Call
from osago_daemon.resilience.trouble import Trouble, TroubleKind

_MASK = "***"
_MIN_SECRET_CHARS = 4
"""Shorter ones stand in half of all words, and are no secrets."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The way out to an insurer, for sessions that have requests of their own."""

    base_url: str
    transport: httpx.AsyncBaseTransport
    now: Callable[[], datetime]
    """An aware time."""


class Visit:
    """One request on its way, in all its repetitions. This one carries nothing that changes."""

    @property
    def can_log_in(self) -> bool:
        """Whether `log_in` may make a refusal good."""
        return False

    def headers(self, request: httpx.Request) -> Mapping[str, str]:  # noqa: ARG002  # for others
        """What to add to an attempt. Raises `Trouble` of kind AUTH where it would be in vain."""
        return {}

    def content(self, request: httpx.Request) -> bytes | None:  # noqa: ARG002  # for others
        """The body of an attempt where who we are stands in it; None: as it is.

        Raises `Trouble` where there is no place for it.
        """
        return None

    def values(self) -> Mapping[str, str]:
        """What `auth.NAME` of an attempt's expressions stands for; raises as `headers`."""
        return {}

    def saw(self, response: httpx.Response) -> bool:  # noqa: ARG002  # for others
        """Take note of a read answer; whether it refuses who we are in a way a login makes good."""
        return False

    def troubled(self, trouble: Trouble) -> Trouble:
        """What a trouble of the request amounts to, after `saw`."""
        return trouble

    async def log_in(self) -> None:
        """Make a refusal good; raises `Trouble` of kind AUTH."""
        raise Trouble(TroubleKind.AUTH, "there is nothing to log in with")


class RenewingVisit(Visit, ABC):
    """A visit whose refusal may be made good."""

    def __init__(self) -> None:
        self.refused = False
        self._trouble = Trouble(TroubleKind.AUTH, "refused")

    @property
    def can_log_in(self) -> bool:
        """Where it was refused for it."""
        return True

    def troubled(self, trouble: Trouble) -> Trouble:
        """AUTH where `saw` found a refusal, whatever else the answer seemed to say."""
        if self.refused:
            trouble = Trouble(TroubleKind.AUTH, trouble.message)
        self._trouble = trouble
        return trouble

    async def log_in(self) -> None:
        """Renew what was refused; any other refusal is final, as it was told."""
        if not self.refused:
            raise Trouble(TroubleKind.AUTH, self._trouble.message)
        await self.renew()

    @abstractmethod
    async def renew(self) -> None:
        """Get what the next attempt needs."""


class Session:
    """Who we are, as long as the adapter lives. This one never changes."""

    _STANDING = Visit()

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are masked in whatever the insurer says."""
        self._secrets = [SecretStr(secret) for secret in secrets]  # as such in no repr

    async def ready(self, call: Call) -> None:
        """Be logged in before the first request of a call; raises `Trouble`."""

    def visit(self, call: Call) -> Visit:  # noqa: ARG002  # for others
        """A new request's."""
        return self._STANDING

    def mask(self, text: str, more: Iterable[str] = ()) -> str:
        """The insurer's words without our secrets and `more` of them, which some repeat."""
        return masked(text, [*(secret.get_secret_value() for secret in self._secrets), *more])


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets."""
    for secret in sorted(secrets, key=len, reverse=True):  # one may be a part of another
        if len(secret) >= _MIN_SECRET_CHARS:
            text = text.replace(secret, _MASK)
    return text
