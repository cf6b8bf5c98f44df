"""Keeps what is known of the insurers' health in the store: read once, written as it changes.

One note per insurer, and the last writer wins: what any instance has learned is about the same
insurer. What breakers came to be is also told at once, by `hints.py`.
"""

import json
from collections.abc import Collection
from typing import Any

import anyio
import structlog

from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.hints import Hints
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.resilience.breaker import Breaker, Change, Reason, State
from osago_daemon.storage.port import Notes, StoreError
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

SAVE_EVERY_S = 5.0
"""What a crash may forget: a few seconds of answer times."""
KEPT_S = 90 * 86400.0
"""An insurer that is switched off for a month is not a new one afterwards."""
VERSION = 1


class HealthKeeper:
    """Restores and saves the health of these insurers, and shares it with other instances."""

    def __init__(
        self, store: Notes, insurers: Collection[Insurer], *, wall_clock: WallClock, instance: str
    ) -> None:
        """Nothing is read or written yet. `instance` is this daemon's name, also next time."""
        self._store = store
        self._insurers = insurers
        self._wall_clock = wall_clock
        self._saved = {insurer.id: insurer.pipeline.activity for insurer in insurers}
        self._heard: set[Breaker] = set()
        self._changed: set[str] = set()
        self._urgent = anyio.Event()
        self._saving = anyio.Lock()
        self._failing = False
        self._listen(insurers)
        self._hints = Hints(store, insurers, wall_clock=wall_clock, instance=instance)

    async def restore(self) -> None:
        """Give every insurer what was known of it. Never raises but cancellation."""
        await self.remember(self._insurers)
        await self._hints.exchange()

    async def remember(self, insurers: Collection[Insurer]) -> None:
        """Give these, of whom nothing is known yet, what was. Never raises but cancellation."""
        if not insurers:
            return
        try:
            found = await self._store.get([_note(insurer) for insurer in insurers])
        except StoreError as error:
            log.warning("health_forgotten", reason=str(error))
            return
        for insurer, raw in zip(insurers, found, strict=True):
            if raw is not None:
                self._load(insurer, raw)

    def follow(self, insurers: Collection[Insurer]) -> None:
        """Keep the health of these from now on. Save before, or the others' latest is lost."""
        self._insurers = insurers
        ids = {insurer.id for insurer in insurers}
        self._changed &= ids
        self._saved = {
            insurer.id: self._saved.get(insurer.id, insurer.pipeline.activity)
            for insurer in insurers
        }
        self._listen(insurers)
        self._hints.follow(insurers)

    def _listen(self, insurers: Collection[Insurer]) -> None:
        """To these and to nobody else."""
        breakers = {insurer.pipeline.breaker for insurer in insurers}
        for breaker in self._heard - breakers:
            breaker.listeners.remove(self._breaker_changed)
        for breaker in breakers - self._heard:
            breaker.listeners.append(self._breaker_changed)
        self._heard = breakers

    async def keep(self) -> None:
        """Save for ever: at each change of a breaker, and soon after anything else happened.

        And exchange hints all the time.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hints.run)
            while True:
                with anyio.move_on_after(SAVE_EVERY_S):
                    await self._urgent.wait()
                self._urgent = anyio.Event()
                await self.save()

    async def save(self) -> None:
        """Save what we learned since the last time. Never raises but cancellation.

        Of whom we learned nothing others may know more.
        """
        async with self._saving:  # the last save must not meet one that is under way
            for insurer in self._insurers:
                happened = insurer.pipeline.activity
                if insurer.id not in self._changed and happened == self._saved.get(insurer.id):
                    continue
                self._changed.discard(insurer.id)
                try:
                    await self._store.put(_note(insurer), self._dump(insurer), KEPT_S)
                except StoreError as error:
                    self._changed.add(insurer.id)
                    if not self._failing:  # once, not every few seconds
                        log.warning("health_not_saved", reason=str(error))
                    self._failing = True
                    return
                except Exception as bug:  # noqa: BLE001  # quotes go on
                    report_bug(bug, insurer=insurer.id)
                else:
                    self._failing = False
                self._saved[insurer.id] = happened

    def _load(self, insurer: Insurer, raw: bytes) -> None:
        try:
            insurer.load(_read(raw), self._wall_clock())
        except ValueError as error:
            log.warning("health_forgotten", insurer=insurer.id, reason=str(error))
        except Exception as bug:  # noqa: BLE001  # quotes go on
            report_bug(bug, insurer=insurer.id)

    def _dump(self, insurer: Insurer) -> bytes:
        now = self._wall_clock()
        health = {"version": VERSION, "saved_at": now.isoformat(), **insurer.snapshot(now)}
        return json.dumps(health, allow_nan=False, separators=(",", ":")).encode()

    def _breaker_changed(self, change: Change) -> None:
        tell = log.info if change.new is State.CLOSED else log.warning
        tell("breaker", insurer=change.name, state=change.new.value, reason=change.reason.value)
        if change.reason is not Reason.ELSEWHERE:  # whoever found it so saves it
            self._changed.add(change.name)
            self._urgent.set()


def _note(insurer: Insurer) -> str:
    return f"health/{insurer.id}"


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _read(raw: bytes) -> dict[str, Any]:
    """Raises ValueError where that is nobody's health, or another version's."""
    try:
        found = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ValueError("damaged") from None
    version = found.get("version") if isinstance(found, dict) else None
    if version == VERSION and version is not True:
        return dict(found)
    raise ValueError("of another version, or incomplete")
