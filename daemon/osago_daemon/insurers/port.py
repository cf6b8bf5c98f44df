"""The door between quoting and insurers: what an adapter gets and what it must give back."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from osago_core.offer import Outcome

T = TypeVar("T")


class Call(Protocol):
    """One application on its way to one insurer, as the adapter sees it."""

    @property
    def application(self) -> Mapping[str, Any]:
        """The validated application in normal form: plain JSON values, dates as YYYY-MM-DD."""

    @property
    def idempotency_key(self) -> str:
        """The same for the same insurer, application and day; reveals nothing of either."""

    async def attempt(self, send: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        """Run `send` under this insurer's policies (deadline, retry, breaker, attempt timeout).

        `send` is one HTTP exchange and raises `Trouble` where it failed. `repeatable` says that
        doing it twice is the same as doing it once (a poll, a create with an idempotency key).
        Raises the last `Trouble` when the policies give up.
        """

    async def wait(self, seconds: float) -> None:
        """Wait before the next poll; watchers see the insurer as `waiting`."""

    def mask(self, text: str) -> str:
        """The text with every personal value of this application masked."""


class Adapter(Protocol):
    """Speaks one insurer's API. Built once from configuration, used by many calls at a time."""

    async def quote(self, call: Call) -> Outcome:
        """Ask for an offer and wait until the insurer has decided.

        Raises `Trouble` when there is no answer. A decline in whatever HTTP dress is an answer.
        """
