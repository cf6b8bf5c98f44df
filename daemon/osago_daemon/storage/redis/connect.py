"""Makes redis-py's clients out of an address, with bounds on every wait and no retries of its own.

Retries are the business of whoever opens the store: one that is hidden in here would make a
caller wait several times as long, and do twice what is not to be done twice.
"""

from typing import Any, TypeAlias

import anyio
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from osago_daemon.storage.redis.address import RedisAddress
from osago_daemon.storage.redis.timing import RedisTiming

Client: TypeAlias = Redis | RedisCluster

MAX_CONNECTIONS = 4
"""One for batches, one to listen; the rest while one of them is being replaced."""


async def connect(address: RedisAddress, timing: RedisTiming) -> Client:
    """A client that has reached its Redis. Raises what `trouble.TROUBLE` names."""
    options = _options(timing) | {"username": address.user, "password": address.password}
    client: Client
    if address.kind == "cluster":
        client = _cluster(address, options)
    elif address.kind == "unix":
        client = _single(
            options
            | {
                "connection_class": UnixDomainSocketConnection,
                "path": address.path,
                "db": address.db,
            },
            timing,
        )
    else:
        host, port = address.hosts[0]
        if address.kind == "sentinel":
            host, port = await _primary(address, timing)
        if address.tls:
            options |= {"connection_class": SSLConnection, "ssl_ca_certs": address.ca_file}
        client = _single(options | {"host": host, "port": port, "db": address.db}, timing)
    try:
        await client.initialize()
        await client.ping()
    except BaseException:
        with anyio.CancelScope(shield=True), anyio.move_on_after(timing.reply_s):
            await client.aclose()
        raise
    return client


def _options(timing: RedisTiming) -> dict[str, Any]:
    return {
        "socket_timeout": timing.reply_s,
        "socket_connect_timeout": timing.reply_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _single(options: dict[str, Any], timing: RedisTiming) -> Redis:
    pool = BlockingConnectionPool(
        max_connections=MAX_CONNECTIONS, timeout=timing.reply_s, **options
    )
    return Redis.from_pool(pool)


def _cluster(address: RedisAddress, options: dict[str, Any]) -> RedisCluster:
    nodes = [ClusterNode(host, port) for host, port in address.hosts]
    if address.tls:
        options |= {"ssl": True, "ssl_ca_certs": address.ca_file}
    return RedisCluster(startup_nodes=nodes, **options)


async def _primary(address: RedisAddress, timing: RedisTiming) -> tuple[str, int]:
    """Where the primary is now, by the first Sentinel that knows.

    Asked anew for each `open`; a primary that was demoted since refuses to be written to, and that
    is seen with the next renewal.
    """
    options = _options(timing) | {
        "username": address.sentinel_user,
        "password": address.sentinel_password,
    }
    if address.tls:
        options |= {"ssl": True, "ssl_ca_certs": address.ca_file}
    sentinel = Sentinel(list(address.hosts), sentinel_kwargs=options)  # type: ignore[no-untyped-call]  # as redis-py has it
    try:
        host, port = await sentinel.discover_master(address.service)
    finally:
        await sentinel.aclose()
    return str(host), int(port)
