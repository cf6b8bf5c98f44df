"""What an insurer has on its desk, by id and idempotency key; forgotten after some minutes."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from osago_sandbox.outcome import Outcome

KEPT_S = 600.0
MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Application:
    """One accepted application. `ready_at_s` and `created_at_s` are monotonic times.

    `content` is the digest of what was asked for.
    """

    id: str
    number: int
    content: bytes
    start_date: date
    outcome: Outcome
    created_at_s: float
    ready_at_s: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an application that was sent ahead, such as the vehicle.

    `body` is what was said of it, `content` its digest.
    """

    id: str
    content: bytes
    body: Any
    created_at_s: float


class _Entry(Protocol):
    @property
    def id(self) -> str:
        """Names it."""

    @property
    def created_at_s(self) -> float:
        """Monotonic time."""


E = TypeVar("E", bound=_Entry)


class Remembered(Generic[E]):
    """One insurer's applications or parts, bounded in age and number."""

    def __init__(self) -> None:
        self._by_id: dict[str, tuple[E, str | None]] = {}  # oldest first
        self._by_key: dict[str, E] = {}

    def add(self, entry: E, key: str | None) -> None:
        """Remember a new one, under its idempotency key if it came with one."""
        self._forget(entry.created_at_s)
        self._by_id[entry.id] = (entry, key)
        if key is not None:
            self._by_key[key] = entry

    def with_id(self, id_: str | None, now_s: float) -> E | None:
        """The one of this id, if it is still remembered."""
        self._forget(now_s)
        entry = self._by_id.get(id_) if id_ is not None else None
        return entry[0] if entry else None

    def with_key(self, key: str | None, now_s: float) -> E | None:
        """The one that came under this idempotency key."""
        self._forget(now_s)
        return self._by_key.get(key) if key is not None else None

    def _forget(self, now_s: float) -> None:
        while self._by_id:
            entry, key = next(iter(self._by_id.values()))
            if len(self._by_id) <= MOST_KEPT and now_s - entry.created_at_s < KEPT_S:
                return
            del self._by_id[entry.id]
            if key is not None:
                self._by_key.pop(key, None)


class Applications(Remembered[Application]):
    """One insurer's applications."""
