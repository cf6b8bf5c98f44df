"""Takes a new insurers.toml while quotes go on: all of it at one moment, or nothing.

Owns the order: read and build beside what runs, hear what is known of newcomers, then change
everything in one step of the loop, in which nothing can fail. Quotes under way keep their insurers;
after the last of them these are closed.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import anyio
import anyio.to_thread
import structlog
from anyio.abc import TaskGroup

from osago_core.tariff import TariffBook
from osago_core.wire.errors import ProblemData
from osago_core.wire.methods import ConfigRefused, DaemonReloadResult
from osago_daemon.config_problems import ConfigError, ConfigProblem
from osago_daemon.drafting import Draft, Way, draw_up
from osago_daemon.insurers.secrets import Patience
from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.quoting.lineup import Lineup
from osago_daemon.quoting.rates import RatesKeeper
from osago_daemon.quoting.tariff_appraiser import TariffAppraiser
from osago_daemon.roster import Entry, Roster, roster
from osago_daemon.settings import Settings, load
from osago_daemon.storage.limits import SharedLimits, refresh
from osago_daemon.storage.port import Store
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

FIRST_FEW = 5
"""Problems of a refused file that the status shows; `osago config check` shows all."""

_KEY = secrets.token_bytes(32)
"""Of the secrets' digests, which tell nothing to another process."""


class DrainingError(Exception):
    """The daemon is about to stop and takes nothing new."""


class Rosters:
    """The roster that holds, and those before it that are still asked. Closes what nobody needs."""

    def __init__(self, store: Store, *, max_connections: int) -> None:
        """No roster yet: `begin` with one."""
        self._store = store
        self._max_connections = max_connections
        self._users: dict[int, tuple[Way, int]] = {}
        self._asked: list[Roster] = []
        self._known: dict[str, Entry] = {}
        self._present: Roster | None = None

    def begin(self, draft: Draft) -> None:
        """The first one."""
        self.take(self.roster_of(draft))

    @property
    def present(self) -> Roster:
        """The one that holds."""
        assert self._present is not None  # noqa: S101  # nobody asks before `begin`
        return self._present

    @property
    def known(self) -> Mapping[str, Entry]:
        """The latest of each insurer of whom we count, also of those removed but still asked.

        One that comes back meanwhile is still the same one: it must not be let through twice.
        """
        return self._known

    @property
    def limits(self) -> list[SharedLimits]:
        """What all instances count together."""
        return [entry.limits for entry in self._known.values()]

    def roster_of(self, draft: Draft) -> Roster:
        """The insurers of a draft; those that there are go on unchanged."""
        return roster(draft, self._known, self._store, max_connections=self._max_connections)

    def take(self, roster: Roster) -> None:
        """This one holds from now on."""
        self._asked.append(roster)
        self._known = {**self._known, **roster.entries}  # who looks at it keeps what it saw
        for way in roster.ways:
            _, users = self._users.get(id(way), (way, 0))
            self._users[id(way)] = way, users + 1
        self._present = roster

    async def drop(self, roster: Roster) -> None:
        """Nobody asks these any more."""
        self._asked.remove(roster)
        asked = {id_ for each in self._asked for id_ in each.entries}
        self._known = {id_: entry for id_, entry in self._known.items() if id_ in asked}
        for way in roster.ways:
            _, users = self._users.pop(id(way))
            if users > 1:
                self._users[id(way)] = way, users - 1
            else:
                await _close(way)

    async def aclose(self) -> None:
        """Close every connection."""
        for way, _ in tuple(self._users.values()):
            await _close(way)


async def drafted(read: Callable[[Patience], Settings], before: Draft | None = None) -> Draft:
    """What the settings that are read ask for, built in a worker thread. Raises ConfigError."""
    patience = Patience()

    def work() -> Draft:
        return draw_up(read(patience), before, _KEY, patience)

    try:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    finally:
        # Nobody waits for the thread any more but Python, at its end: let nothing hold it up.
        patience.end()


async def _close(way: Way) -> None:
    try:
        await way.transport.aclose()
    except Exception as bug:  # noqa: BLE001  # the others are to be closed, and quotes go on
        report_bug(bug)


class Reloaded(NamedTuple):
    """What a reload changes besides the insurers' own counts."""

    desk: QuoteDesk
    health: HealthKeeper
    rates: RatesKeeper
    store: Store


class _Turn:
    """One reload, for all who wait for it."""

    def __init__(self) -> None:
        self.over = anyio.Event()
        self.told: DaemonReloadResult | None = None
        self.error: Exception = DrainingError()
        """Why nothing is told."""


class Reloader:
    """Reloads one file, one time after another."""

    def __init__(
        self,
        file: Path,
        rosters: Rosters,
        around: Reloaded,
        tasks: TaskGroup,
        *,
        wall_clock: WallClock,
    ) -> None:
        """`tasks` lives as long as the desk's runs."""
        self.refused: ConfigRefused | None = None
        """Why the file as it is does not hold."""
        self.reloaded_at: datetime | None = None
        self.on_tariff: Callable[[TariffBook], None] = lambda _book: None
        """Hears of another tariff; must not fail."""
        self.on_idle: Callable[[], None] = lambda: None
        """Hears that insurers are gone while no quote is under way: time to look what is left."""
        self._file = file
        self._rosters = rosters
        self._around = around
        self._tasks = tasks
        self._wall_clock = wall_clock
        self._turn = anyio.Lock()
        self._next: _Turn | None = None
        self._scope = anyio.CancelScope()

    async def reload(self) -> DaemonReloadResult:
        """Take the file as it is now. Raises ConfigError and DrainingError; then nothing changed.

        Whoever calls while another reload is under way has the file read once more after it, all
        who wait for that together.
        """
        self._may_go_on()
        turn = self._next
        if turn is None:
            turn = self._next = _Turn()
            self._tasks.start_soon(self._run, turn)
        await turn.over.wait()
        if turn.told is None:
            raise turn.error
        return turn.told

    def give_up(self) -> None:
        """Break off what is under way: nothing new is taken any more, since the desk drains."""
        self._scope.cancel()

    async def _run(self, turn: "_Turn") -> None:
        """One turn of all who wait for it, in nobody's scope: one may go, the others stay."""
        try:
            async with self._turn:
                self._next = None
                with anyio.CancelScope() as self._scope:
                    turn.told = await self._reloaded()
        except DrainingError:
            pass
        except ConfigError as error:
            self._refuse(error.problems)
            turn.error = error
        except Exception as bug:  # noqa: BLE001  # the daemon lives on, as it was
            text = f"our own mistake, {report_bug(bug)} in the log"
            self._refuse([ConfigProblem(self._file, None, "", text)])
            turn.error = bug
        finally:
            turn.over.set()

    async def _reloaded(self) -> DaemonReloadResult:
        self._may_go_on()
        before = self._rosters.present
        draft = await drafted(self._read, before.draft)
        known, after = self._rosters.known, self._rosters.roster_of(draft)
        await self._get_to_know(after, known)
        self._may_go_on()
        told = self._changes(before, after)
        left = self._take(after, known)
        self._tasks.start_soon(self._see_off, before, left)
        log.info(
            "reloaded",
            added=len(told.added),
            removed=len(told.removed),
            changed=len(told.changed),
            tariff=told.tariff,
        )
        return told

    async def reload_and_log(self) -> None:
        """The same for who can't be answered."""
        try:
            await self.reload()
        except Exception:  # noqa: BLE001  # the log says why
            return

    def _may_go_on(self) -> None:
        if self._around.desk.draining:
            log.error("reload_refused", reason="draining")
            raise DrainingError

    def _read(self, patience: Patience) -> Settings:
        return load(self._file, patience=patience)

    def _refuse(self, problems: Sequence[ConfigProblem]) -> None:
        since = self._wall_clock() if self.refused is None else self.refused.since
        first = tuple(map(problem_data, problems[:FIRST_FEW]))
        self.refused = ConfigRefused(since=since, problems=len(problems), first=first)
        log.error("reload_refused", problems=len(problems))

    async def _get_to_know(self, after: Roster, known: Mapping[str, Entry]) -> None:
        """Write down what is known of those who go, hear what is known of those who come."""
        around = self._around
        await around.health.save()
        await around.rates.save()
        insurers, limits = after.newcomers(known)
        await around.health.remember(insurers)
        await around.rates.remember([insurer.id for insurer in insurers])
        if limits:
            await refresh(limits, around.store)

    def _take(self, after: Roster, known: Mapping[str, Entry]) -> Lineup:
        """The one moment. Nothing in here waits, reads or calculates."""
        around, insurers = self._around, after.insurers
        appraiser = TariffAppraiser(after.tariff.book, around.rates.rates)
        after.take_over(known)
        self._rosters.take(after)
        left = around.desk.line_up(insurers, appraiser)
        around.health.follow(insurers)
        around.rates.follow([insurer.id for insurer in insurers])
        self.on_tariff(after.tariff.book)
        self.refused, self.reloaded_at = None, self._wall_clock()
        return left

    def _changes(self, before: Roster, after: Roster) -> DaemonReloadResult:
        old, new = before.entries, after.entries
        stayed = [id_ for id_ in new if id_ in old]
        same = {id_ for id_ in stayed if new[id_].part.is_as(old[id_].part)}
        return DaemonReloadResult(
            added=tuple(id_ for id_ in new if id_ not in old),
            removed=tuple(id_ for id_ in old if id_ not in new),
            changed=tuple(id_ for id_ in stayed if id_ not in same),
            unchanged=tuple(id_ for id_ in stayed if id_ in same),
            tariff="unchanged" if after.tariff is before.tariff else "changed",
            file=str(self._file.absolute()),
            at=self._wall_clock(),
        )

    async def _see_off(self, before: Roster, left: Lineup) -> None:
        await left.deserted()
        await self._rosters.drop(before)
        del before, left
        if not self._around.desk.active:
            self.on_idle()


def problem_data(problem: ConfigProblem) -> ProblemData:
    """A problem in the words of the wire."""
    params = {"file": str(problem.file), "line": problem.line, "column": problem.column}
    return ProblemData(path=problem.key, code="config", text=problem.text, params=params)
