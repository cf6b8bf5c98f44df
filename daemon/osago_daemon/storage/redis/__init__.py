"""The store that machines share through a Redis."""

from osago_daemon.storage.redis.address import RedisAddress, parse_address
from osago_daemon.storage.redis.store import RedisStore
from osago_daemon.storage.redis.timing import RedisTiming

__all__ = ["RedisAddress", "RedisStore", "RedisTiming", "parse_address"]
