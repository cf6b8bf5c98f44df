"""A Cluster of one node: every key in the slot that its script may touch."""

import pytest

from osago_daemon.storage.port import (
    UNREADABLE,
    Answer,
    Ending,
    Key,
    Lease,
    Place,
    Rule,
    Taken,
    Word,
)
from osago_daemon.storage.redis import names
from tests.daemon.storage.redis.steps import until
from tests.support.valkey import free_ports, valkey

pytestmark = pytest.mark.anyio

FAR = 4_000_000_000.0


@pytest.fixture
async def server(folder):
    ports = free_ports(2)
    with valkey(
        folder, "--cluster-enabled", "yes", "--cluster-port", ports[1], port=ports[0]
    ) as server:
        server.do("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        await until(lambda: b"cluster_state:ok" in server.do("CLUSTER", "INFO"))
        server.port = ports[0]
        yield server


@pytest.fixture
def cluster(server):
    return f"redis+cluster://127.0.0.1:{server.port}"


async def test_everything_works_on_a_cluster(cluster, stores):
    one, two = await stores.open(cluster, "one"), await stores.open(cluster, "two")
    keys = [Key("a", "2027-01-15", str(n)) for n in range(20)]
    assert await one.claim(keys) == [Taken(1, None)] * 20
    lease = Lease(keys[0], 1, FAR)
    assert await one.note(lease, b"entry")
    assert await one.finish(lease, Ending(b"answer", FAR, b"entry"))
    assert await one.finish(Lease(keys[1], 1, FAR), Ending(word=b"word"))
    assert isinstance(await two.wait(keys[0], 1), Answer)
    assert await two.wait(keys[1], 1) == Word(b"word")
    place = await one.take_place("a", [Rule("per_day", 1, 86_400)], 1.0)
    assert isinstance(place, Place)
    one.end_place(place)
    await one.add_places("a", [1.0])
    assert (await two.usage({"a": [Rule("per_day", 9, 86_400)]}))["a"].used[0].used == 2
    await one.put("name", b"note", 60.0)
    assert await two.get(["name", "none"]) == [b"note", None]
    (kept,) = await one.kept()
    assert (kept.answers, kept.bytes, kept.entries) == (1, 6, 1)
    assert await one.clear("a") == 1
    await two.check()
    assert two.state().instances == 2


async def test_keys_of_another_type_are_put_right_on_a_cluster_too(server, cluster, stores):
    store = await stores.open(cluster)
    key = Key("a", "2027-01-15", "f")
    wrong = [names.entry(key), names.places("a"), names.index("a/2027-01-15"), names.DAYS]
    for name in wrong:
        server.do("SET", name, "x")
    assert await store.claim([key]) == [Taken(1, UNREADABLE)]
    assert isinstance(await store.take_place("a", [Rule("per_day", 1, 60.0)], 1.0), Place)
    assert await store.finish(Lease(key, 1, FAR), Ending(b"answer", FAR))
    (kept,) = await store.kept()
    assert kept.answers == 1
    assert store.state().away_since is None
