"""The door between quoting and insurers: what an adapter gets and what it must give back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from osago_core.offer import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotYet:
    """The insurer is still deciding. `retry_after_s`: how long it wants to be left alone."""

    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """What one answer says of several insurers.

    Member id → its outcome; one that is missing was not named in the answer.
    """

    outcomes: Mapping[str, Outcome]


class Call(Protocol):
    """One application on its way to one insurer, as the adapter sees it."""

    @property
    def application(self) -> Mapping[str, Any]:
        """The validated application in normal form: JSON values, dates as YYYY-MM-DD.

        Fractions are Decimal, never binary (`osago_daemon.insurers.exact`).
        """

    @property
    def idempotency_key(self) -> str:
        """The same for the same insurer, application and day; reveals nothing of either.

        Another one only where the application is asked anew on purpose.
        """

    @property
    def kept(self) -> Mapping[str, Any] | None:
        """What `created` was told last: the application is to be gone on with from there.

        By an earlier call of today, maybe of another process. None: it is yet to be created.
        """

    async def created(self, kept: Mapping[str, Any]) -> None:
        """Write down what the following steps need: JSON values. To be called within the attempt.

        Whatever happens from here on, nobody does what was done up to here a second time today.
        May be called after every step, each time with all there is to know.
        """

    def heard(self, several: Several) -> None:
        """Tell what some of several insurers have decided already, while others have not.

        Offers and declines are told at once, each insurer's once; the whole is still to be given.
        """

    async def attempt(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Run `send` under this insurer's policies (`osago_daemon.resilience.pipeline`).

        `send` is one HTTP exchange and raises `Trouble` where it failed. `repeatable` says that
        doing it twice is the same as doing it once (a create with an idempotency key). What is not
        is written down before it is sent, and goes on to its end if nobody waits for it any more.
        `log_in` is what makes a refused login good, where there is one.
        Raises the last `Trouble` when the policies give up.
        """

    async def poll(
        self,
        ask: Callable[[], Awaitable[T | NotYet]],
        *,
        not_before_s: float | None = None,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Run `ask`, each time under the policies, until it says something else than `NotYet`.

        To be called as soon as the insurer has accepted the application: when to ask follows from
        how long it took with earlier ones. `not_before_s` is their first `Retry-After`.
        A passing trouble is outlived by the next poll; raises the last `Trouble` when it lasts.
        """

    async def log_in(self, send: Callable[[], Awaitable[T]]) -> T:
        """Run one request of a login under this insurer's policies.

        It is retried, counted by breaker and limits, and ended by the attempt timeout as any other,
        but takes none of the places of `limits.at_once`: whoever logs in again in the middle of a
        request has one already. To be called from `log_in` of the others, or outside of them.
        Raises the last `Trouble` when the policies give up.
        """

    def mask(self, text: str) -> str:
        """The text with every personal value of this application masked."""


class Adapter(Protocol):
    """Speaks one insurer's API. Built once from configuration, used by many calls at a time."""

    async def quote(self, call: Call) -> Outcome | Several:
        """Ask for an offer and wait until the insurer has decided.

        Several of them only where the insurer's table names members. Raises `Trouble` when there
        is no answer. A decline in whatever HTTP dress is an answer.
        """
