"""Hears of calls that are over, by one subscription for the whole process.

A subscription that breaks is made anew; whether Redis as a whole is there is not its business.
"""

from typing import Any

import anyio
import structlog
from redis.exceptions import NoPermissionError

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.timing import RedisTiming
from osago_daemon.storage.redis.trouble import TROUBLE, reason
from osago_daemon.storage.redis.waits import Waits

log = structlog.get_logger(__name__)


class Listener:
    """Tells `Waits` what is published on the channel."""

    def __init__(self, link: Link, waits: Waits, channel: str, timing: RedisTiming) -> None:
        self._link = link
        self._waits = waits
        self._channel = channel
        self._timing = timing

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._listen()
            except NoPermissionError as error:
                log.warning("store_channel_refused", reason=reason(error))
                await anyio.sleep_forever()  # who waits looks every `recheck_s` all the same
            except (StoreError, *TROUBLE):
                await anyio.sleep(self._timing.resubscribe_s)

    async def _listen(self) -> None:
        pubsub: Any = self._link.client.pubsub()
        try:
            await pubsub.subscribe(self._channel)
            while True:
                heard = await pubsub.get_message(timeout=self._timing.recheck_s)
                if heard is None:
                    continue
                if heard["type"] == "subscribe":
                    self._waits.missed()
                elif heard["type"] == "message":
                    self._waits.told(heard["data"].decode(errors="replace"))
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(self._timing.reply_s):
                await pubsub.aclose()
