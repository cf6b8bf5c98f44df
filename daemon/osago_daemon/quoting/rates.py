"""Keeps what insurers' offers teach of their base rates in the store, over restarts.

Owns when it is read and written: a note of each insurer, as with health, and the last writer wins.
Must not know how base rates are learned, nor from what: `LearnedRates` does, and who appraises.
"""

import json
from collections.abc import Collection
from typing import Any

import anyio
import structlog

from osago_core.pricing.estimates import LearnedRates
from osago_daemon.storage.port import Notes, StoreError
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

SAVE_EVERY_S = 60.0
"""What a crash may forget: a minute of lessons. A note may have a hundred kilobytes and more, so it
is not written with every answer."""
KEPT_S = 31 * 86400.0
"""Nothing is estimated from what is older than 30 days."""
VERSION = 1


class RatesKeeper:
    """Restores and saves what is learned of these insurers."""

    def __init__(self, store: Notes, insurers: Collection[str]) -> None:
        """Nothing is read or written yet. `insurers` are ids."""
        self.rates = LearnedRates()
        self._store = store
        self._insurers = insurers
        self._saved = dict.fromkeys(insurers, 0)
        """How many lessons of each are in the store."""
        self._saving = anyio.Lock()
        self._failing = False

    async def restore(self) -> None:
        """Know of every insurer what was known. Never raises but cancellation."""
        await self.remember(self._insurers)

    def follow(self, insurers: Collection[str]) -> None:
        """Keep what is learned of these from now on. Save before."""
        self._insurers = insurers
        self._saved = {id_: self._saved.get(id_, self.rates.lessons(id_)) for id_ in insurers}

    async def remember(self, insurers: Collection[str]) -> None:
        """Know of these what was known. Never raises but cancellation."""
        for id_ in insurers:
            try:
                (raw,) = await self._store.get([_note(id_)])  # all at once could be megabytes
            except StoreError as error:
                log.warning("rates_forgotten", reason=str(error))
                return
            if raw is not None:
                self._load(id_, raw)

    async def keep(self) -> None:
        """Save for ever."""
        while True:
            await anyio.sleep(SAVE_EVERY_S)
            await self.save()

    async def save(self) -> None:
        """Save what was learned since the last time. Never raises but cancellation.

        Of whom we learned nothing others may know more.
        """
        async with self._saving:  # the last save must not meet one that is under way
            for id_ in self._insurers:
                lessons = self.rates.lessons(id_)
                if lessons == self._saved.get(id_):
                    continue
                try:
                    await self._store.put(_note(id_), self._dump(id_), KEPT_S)
                except StoreError as error:
                    if not self._failing:  # once, not every minute
                        log.warning("rates_not_saved", reason=str(error))
                    self._failing = True
                    return
                except Exception as bug:  # noqa: BLE001  # quotes go on
                    report_bug(bug, insurer=id_)
                else:
                    self._failing = False
                self._saved[id_] = lessons

    def _load(self, insurer: str, raw: bytes) -> None:
        try:
            self.rates.restore(insurer, _read(raw))
        except ValueError as error:
            log.warning("rates_forgotten", insurer=insurer, reason=str(error))
        except Exception as bug:  # noqa: BLE001  # quotes go on
            report_bug(bug, insurer=insurer)

    def _dump(self, insurer: str) -> bytes:
        learned = {"version": VERSION, **self.rates.as_json(insurer)}
        return json.dumps(learned, separators=(",", ":")).encode()


def _note(insurer: str) -> str:
    return f"rates/{insurer}"


def _read(raw: bytes) -> dict[str, Any]:
    """Raises ValueError where nobody learned that, or it is another version's."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("damaged") from None
    version = found.get("version") if isinstance(found, dict) else None
    if version == VERSION and version is not True:
        return dict(found)
    raise ValueError("of another version, or incomplete")
