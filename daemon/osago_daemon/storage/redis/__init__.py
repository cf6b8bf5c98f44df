"""The store that machines share through a Redis.

What an address needs is here at once; the store itself, and the Redis library with it, only when
it is used: that takes longer than all the rest of a daemon's start.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from osago_daemon.storage.redis.address import RedisAddress, parse_address
from osago_daemon.storage.redis.timing import RedisTiming

if TYPE_CHECKING:
    from osago_daemon.storage.redis.store import RedisStore

__all__ = ["RedisAddress", "RedisStore", "RedisTiming", "parse_address"]


def __getattr__(name: str) -> object:
    if name == "RedisStore":
        return import_module("osago_daemon.storage.redis.store").RedisStore
    raise AttributeError(name)
