"""Keeps what is known of the insurers' health in a file: read once, written as it changes."""

from collections.abc import Collection
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import structlog

from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.resilience.breaker import Change, State
from osago_daemon.storage.health import HealthFile, HealthFileError
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

SAVE_EVERY_S = 5.0
"""What a crash may forget: a few seconds of answer times."""


class HealthKeeper:
    """Restores and saves the health of these insurers."""

    def __init__(
        self, file: HealthFile, insurers: Collection[Insurer], wall_clock: WallClock
    ) -> None:
        """Nothing is read or written yet."""
        self._file = file
        self._insurers = insurers
        self._wall_clock = wall_clock
        self._others: dict[str, Any] = {}
        self._failing = False
        self._ours = False
        self._changed = anyio.Event()
        self._saving = anyio.Lock()
        for insurer in insurers:
            insurer.pipeline.breaker.listeners.append(self._breaker_changed)

    def restore(self) -> None:
        """Give every insurer what was known of it. Blocking; never raises."""
        self._claim()
        try:
            found = self._file.read()
        except HealthFileError as error:
            log.warning("health_forgotten", reason=str(error))
            return
        known = {insurer.id for insurer in self._insurers}
        # An insurer that is switched off for a week is not a new one afterwards.
        self._others = {id_: data for id_, data in found.items() if id_ not in known}
        for insurer in self._insurers:
            try:
                insurer.load(found.get(insurer.id, {}), self._wall_clock())
            except ValueError as error:
                log.warning("health_forgotten", insurer=insurer.id, reason=str(error))
            except Exception as bug:  # noqa: BLE001  # quotes go on
                report_bug(bug, insurer=insurer.id)

    async def keep(self) -> None:
        """Save for ever: at each change of a breaker, and soon after anything else happened."""
        saved = None
        while True:
            with anyio.move_on_after(SAVE_EVERY_S) as nothing_urgent:
                await self._changed.wait()
            happened = tuple(insurer.pipeline.activity for insurer in self._insurers)
            if nothing_urgent.cancelled_caught and happened == saved:
                continue  # an idle daemon writes nothing
            saved, self._changed = happened, anyio.Event()
            await self.save()

    async def save(self) -> None:
        """Save what is known now, unless another daemon does. Never raises but cancellation."""
        if not self._ours:
            return
        async with self._saving:  # the last save must not meet one that is under way
            try:
                insurers = dict(self._others)
                for insurer in self._insurers:
                    insurers[insurer.id] = insurer.snapshot(self._wall_clock())
                    await anyio.lowlevel.checkpoint()  # a day's limits may be long
                await anyio.to_thread.run_sync(self._file.write, insurers, self._wall_clock())
            except HealthFileError as error:
                if not self._failing:  # once, not every few seconds
                    log.warning("health_not_saved", reason=str(error))
                self._failing = True
            except Exception as bug:  # noqa: BLE001  # quotes go on
                report_bug(bug)
            else:
                self._failing = False

    def _claim(self) -> None:
        try:
            self._ours = self._file.claim()
            reason = "another daemon with this state directory keeps it"
        except HealthFileError as error:
            reason = str(error)
        if not self._ours:
            log.warning("health_not_saved", reason=reason)

    def _breaker_changed(self, change: Change) -> None:
        tell = log.info if change.new is State.CLOSED else log.warning
        tell("breaker", insurer=change.name, state=change.new.value, reason=change.reason.value)
        self._changed.set()
