"""Makes room where something of another type stands under one of our keys.

In a Redis that many use somebody's mistake would otherwise fail every operation on that key, for
ever. What is lost counts as never written; only of calls and the journal a trace remains.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.requests import Call, Command, Text, by_source
from osago_daemon.storage.redis.scripts import MEND
from osago_daemon.storage.redis.trouble import is_of_data

log = structlog.get_logger(__name__)

Execute = Callable[[Sequence[Sequence[Text]]], Awaitable[list[Any]]]


async def mend(calls: Sequence[Call | Command], replies: list[Any], execute: Execute) -> None:
    """Do again, once, what the data under its keys made impossible; replaces those replies.

    Each script may be done again after it failed: none gives anything away before its last step.
    """
    failed = [n for n, reply in enumerate(replies) if is_of_data(reply)]
    if not failed:
        return
    rooms = await execute([by_source(_mending(calls[n])) for n in failed])
    gone = [key.decode() for room in rooms if isinstance(room, list) for key in room]
    if gone:
        log.warning("store_keys_removed", reason="of another type", keys=len(gone), first=gone[0])
    again = await execute([by_source(calls[n]) for n in failed])
    for n, reply in zip(failed, again, strict=True):
        replies[n] = reply


def _mending(call: Call | Command) -> Call:
    return Call(MEND, call.keys, [names.kind(key) for key in call.keys])
