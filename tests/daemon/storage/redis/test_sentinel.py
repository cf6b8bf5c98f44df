"""A primary that dies, and the replica that a Sentinel puts in its place."""

import pytest

from osago_daemon.storage.port import Ending, Key, Lease, StoreError, Taken
from tests.daemon.storage.redis.steps import opened_again, until
from tests.support.valkey import free_ports, sentinel, valkey

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")
FAR = 4_000_000_000.0


async def test_after_a_failover_claims_go_on_at_the_replica(folder, stores):
    ports = free_ports(3)
    with (
        valkey(folder, name="primary", port=ports[0], password="pw") as primary,
        valkey(
            folder, name="replica", port=ports[1], password="pw", replica_of=ports[0]
        ) as replica,
        sentinel(folder, "main", ports[0], port=ports[2], password="pw") as watch,
    ):
        store = await stores.open(f"redis+sentinel://:pw@127.0.0.1:{ports[2]}/main")
        (taken,) = await store.claim([KEY])
        assert await store.finish(Lease(KEY, taken.token, FAR), Ending(entry=b"entry"))
        await until(lambda: watch.do("INFO", "sentinel")["master0"]["slaves"] == 1)
        await until(lambda: replica.do("EXISTS", "osago:{a/2027-01-15/f}:entry"))
        primary.kill()
        with pytest.raises(StoreError):
            await store.check()
        await opened_again(store)
        assert await store.claim([KEY]) == [Taken(2, b"entry")]
        await store.check()


async def test_a_service_that_no_sentinel_knows_is_said(folder, stores):
    ports = free_ports(2)
    with sentinel(folder, "main", ports[0], port=ports[1]):
        store = stores.make(f"redis+sentinel://127.0.0.1:{ports[1]}/other")
        with pytest.raises(StoreError, match="no Sentinel knows"):
            await store.open()
