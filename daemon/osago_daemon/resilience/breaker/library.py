"""circuitbreaker's own surface over our rules, so that nothing inherited does anything wrong.

The library marks what failed inside a `with` of the breaker itself, which many calls at a time
cannot share. Here every call has a permit; decorated functions and `call*` take one each.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, NoReturn, TypeVar

from circuitbreaker import CircuitBreaker

from osago_daemon.resilience.breaker.change import State
from osago_daemon.resilience.breaker.permit import Permit
from osago_daemon.resilience.trouble import SICKNESS, Trouble

T = TypeVar("T")

LONGEST_S = 10 * 365 * 86400.0
"""What the library's surface says for "without end", and the longest isolation that has one."""


def _is_sickness(_kind: type[BaseException], error: BaseException) -> bool:
    return isinstance(error, Trouble) and error.kind in SICKNESS


class LibrarySurface(CircuitBreaker):  # type: ignore[misc]  # circuitbreaker ships no types
    """Everything that callers of the library know, said in terms of the few methods below."""

    def __init__(self, name: str, *, failures: int, open_s: float) -> None:
        """Give the library what it shows; it decides nothing."""
        super().__init__(failures, open_s, _is_sickness, name)

    @property
    @abstractmethod
    def state(self) -> State:
        """What it is now."""

    @abstractmethod
    def enter(self) -> Permit | Trouble:
        """A permit for one attempt, or why there is none."""

    @abstractmethod
    def free_in_s(self) -> float | None:
        """Seconds until somebody is let through."""

    @abstractmethod
    def restore(self) -> None:
        """Close it by hand."""

    def reset(self) -> None:
        """The same as `restore`."""
        self.restore()

    @property
    def opened(self) -> bool:
        """Whether nobody is let through."""
        return self.state in {State.OPEN, State.ISOLATED}

    @property
    def open_remaining(self) -> int:
        """Whole seconds until somebody is let through, rounded up; ten years for "without end"."""
        if not self.opened:
            return 0
        free_in_s = self.free_in_s()
        return ceil(LONGEST_S if free_in_s is None else free_in_s)

    @property
    def open_until(self) -> datetime | None:
        """About when somebody is let through, in UTC; None: now, or nobody knows."""
        free_in_s = self.free_in_s()
        if not self.opened or free_in_s is None:
            return None
        return datetime.now(UTC) + timedelta(seconds=free_in_s)

    def call(self, func: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """One attempt; raises `Trouble(BROKEN_OFF)` where none may be made."""
        with self._attempt():
            return func(*args, **kwargs)

    async def call_async(self, func: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """One attempt; raises `Trouble(BROKEN_OFF)` where none may be made."""
        with self._attempt():
            return await func(*args, **kwargs)

    def call_generator(
        self, func: Callable[..., Iterator[T]], *args: Any, **kwargs: Any
    ) -> Iterator[T]:
        """One attempt from the first item to the last; one that is left early is neutral."""
        with self._attempt():
            yield from func(*args, **kwargs)

    async def call_async_generator(
        self, func: Callable[..., AsyncIterator[T]], *args: Any, **kwargs: Any
    ) -> AsyncIterator[T]:
        """One attempt from the first item to the last; one that is left early is neutral."""
        with self._attempt():
            async for item in func(*args, **kwargs):
                yield item

    def __enter__(self) -> NoReturn:
        raise TypeError("many attempts share this breaker: take a permit of your own with enter()")

    def __exit__(self, *_error: object) -> NoReturn:
        raise TypeError("many attempts share this breaker: take a permit of your own with enter()")

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        permit = self.enter()
        if isinstance(permit, Trouble):
            raise permit
        with permit:
            permit.began()
            try:
                yield
            except Trouble as trouble:
                if self.is_failure(Trouble, trouble):
                    permit.failed(trouble)
                else:
                    permit.nothing()
                raise
            permit.good()
