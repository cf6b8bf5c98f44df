"""Whether the store is there: notices when it goes away, and brings it back.

Knows nothing of what is asked of it. A *life* of the store is the time between two of its losses;
what was asked in one life and is answered in another counts for neither.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import structlog
from anyio.lowlevel import checkpoint

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.port import Primary, StoreError, StoreState
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

CHECK_EVERY_S = 1.0
FIRST_WAIT_S = 1.0
MAX_WAIT_S = 10.0
"""The longest that a store that is back goes unnoticed."""
MAX_DOUBLINGS = 10
STEADY_S = 30.0
"""A store that was lost again sooner is not well yet: the waits go on growing."""


@dataclass(frozen=True, slots=True)
class Away:
    """It can't be used."""

    since: float
    """Unix seconds."""
    reason: str


class Link:
    """To one primary store."""

    def __init__(
        self, primary: Primary, wall: Callable[[], float], random_: Callable[[], float]
    ) -> None:
        """`wall`: unix seconds. `random_`: in [0, 1), for the jitter."""
        self.primary = primary
        self.away: Away | None = Away(wall(), "not open yet")
        self.life = 0
        self.lost: Callable[[], None] = lambda: None
        """Told within the step in which it goes away, and before each attempt to open it."""
        self.changed: Callable[[], None] = lambda: None
        """Told after it has gone away or come back."""
        self.hand_over: Callable[[], Awaitable[None]] = checkpoint
        """Tells the store what it missed; may raise StoreError."""
        self._wall = wall
        self._random = random_
        self._waits: set[anyio.CancelScope] = set()
        self._wake = anyio.Event()

    def lives(self, life: int) -> bool:
        """Whether it is there, and has been since."""
        return self.away is None and self.life == life

    def hurry(self) -> None:
        """There is something to hand over."""
        self._wake.set()

    def lose(self, error: Exception, life: int) -> None:
        """It failed in this life."""
        if self.lives(life):
            self._gone(str(error))

    async def ask(self, call: Callable[[Primary], Awaitable[Result]]) -> Result:
        """What it says. Raises StoreError, also at once while it is away."""
        if self.away is not None:
            raise StoreError(self.away.reason)
        life = self.life
        try:
            return await call(self.primary)
        except StoreError as error:
            self.lose(error, life)
            raise
        except Exception as bug:  # noqa: BLE001  # a store's trouble is no quote's
            broken = _broken(bug)
            self.lose(broken, life)
            raise broken from None

    async def ask_while_there(self, call: Callable[[Primary], Awaitable[Result]]) -> Result | None:
        """The same, for what may take long: None as soon as the store is away."""
        with anyio.CancelScope() as scope:
            self._waits.add(scope)
            try:
                return await self.ask(call)
            except StoreError:
                return None
            finally:
                self._waits.discard(scope)
        return None

    async def open(self) -> None:
        """The first time. Raises StoreRefusedError; away is no error."""
        try:
            await self.primary.open()
        except StoreRefusedError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, quotes go on
            self._gone(str(_broken(error)))
        else:
            self.away, self.life = None, 1

    async def keep(self, check_every_s: float) -> None:
        """Look after it for ever."""
        failed, back_at = 0, anyio.current_time()
        while True:
            if self.away is None:
                if anyio.current_time() - back_at >= STEADY_S:
                    failed = 0
                await self._watch(check_every_s)
            else:
                longest_s = min(MAX_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failed, MAX_DOUBLINGS))
                await anyio.sleep(longest_s * self._random())
                failed += 1
                await self._come_back()
                back_at = anyio.current_time()

    async def _watch(self, check_every_s: float) -> None:
        with anyio.move_on_after(check_every_s):
            await self._wake.wait()
        self._wake = anyio.Event()
        life = self.life
        try:
            await self.ask(lambda primary: primary.check())
            await self.hand_over()
        except Exception as error:  # noqa: BLE001  # whatever it is, quotes go on
            self.lose(_broken(error), life)

    async def _come_back(self) -> None:
        self.lost()
        try:
            await self.primary.open()
            await self.hand_over()
        except Exception as error:  # noqa: BLE001  # what is refused may yet be mended
            before, reason = self.away, str(_broken(error))
            if before is not None and before.reason != reason:
                log.warning("store_away", reason=reason)
            self.away = Away(self._wall() if before is None else before.since, reason)
            return
        self.away = None
        self.life += 1
        log.info("store_back")
        self.changed()

    def _gone(self, reason: str) -> None:
        self.away = Away(self._wall(), reason)
        self._wake.set()
        self.lost()
        for scope in self._waits:
            scope.cancel()
        log.warning("store_away", reason=reason)
        self.changed()


def state_of(link: Link) -> StoreState:
    """The store's own, and whether it is away."""
    state = link.primary.state()
    if link.away is None:
        return state
    return state._replace(away_since=link.away.since, reason=link.away.reason)


def _broken(error: Exception) -> Exception:
    """A mistake in a store, ours or of whoever wrote into it, is one more way for it to be away."""
    if isinstance(error, StoreError | StoreRefusedError):
        return error
    return StoreError(f"our own mistake, {report_bug(error)} in the daemon's log")
