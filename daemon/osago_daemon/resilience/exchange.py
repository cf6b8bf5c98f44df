"""What goes through the policies: an exchange on its way in, its result on the way out.

A result is a value, never an exception: `Answered` or a `Trouble`. What is raised through the
policies is a cancellation or a bug, and says nothing about the other side.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, fields
from enum import Enum, IntEnum
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.trouble import Trouble

T = TypeVar("T")


class Health(Enum):
    """What an answer says of the other side."""

    GOOD = "good"
    REFUSED = "refused"
    """It decided, but not what it is there for: a refusal. No failure; it shows that it works."""
    NOTHING = "nothing"
    """It has not decided yet."""


class Rank(IntEnum):
    """Who goes first."""

    INTERACTIVE = 0
    BATCH = 1


@dataclass(frozen=True, slots=True)
class Retrying:
    """What a watcher may want to know before the next attempt."""

    wait_s: float
    trouble: Trouble


class Observer(Protocol):
    """Hears how an exchange gets on; must return at once and never raise."""

    def queued(self, free_in_s: float) -> None:
        """It waits for a place or for a limit, about so long."""

    def attempting(self) -> None:
        """An attempt goes out now."""

    def retrying(self, retrying: Retrying) -> None:
        """An attempt failed and another one will follow."""


def _good(_value: Any) -> Health:
    return Health.GOOD


@dataclass(frozen=True, slots=True)
class Exchange(Generic[T]):
    """One request, to be sent as often as the policies allow until an answer comes back."""

    send: Callable[[], Awaitable[T]]
    """One attempt. Raises `Trouble` where it failed."""
    deadline: Deadline
    observer: Observer
    repeatable: bool = True
    """Doing it twice is the same as doing it once."""
    rank: Rank = Rank.INTERACTIVE
    client: Hashable = None
    """Whose it is: those who wait take turns by client."""
    continuing: bool = False
    """Goes on with something begun; such a one passes those that would begin something."""
    health: Callable[[T], Health] = field(default=_good)
    """What a value that came back says of the other side."""
    log_in: Callable[[], Awaitable[None]] | None = None
    """Makes a refused login good, where there is one; raises `Trouble`."""

    def sent_by(self, send: Callable[[], Awaitable[T]]) -> "Exchange[T]":
        """The same exchange with something around its `send`."""
        # By hand: dataclasses.replace takes five times as long, on the hot path.
        return Exchange(send, *_all_but_send(self))


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """Something came back."""

    value: T
    health: Health = Health.GOOD


_all_but_send = attrgetter(*(f.name for f in fields(Exchange) if f.name != "send"))

Result: TypeAlias = Answered[Any] | Trouble
Step: TypeAlias = Callable[[Exchange[Any]], Awaitable[Result]]


class Policy(Protocol):
    """One concern, wrapped around everything that is further in."""

    @property
    def name(self) -> str:
        """As in the documentation and in `osago insurers show`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of `PipelineNumbers` that it obeys, dotted: a table stands for all in it."""

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """Let the exchange through to `inner`, as often as this policy says, or not at all."""
