"""Users, passwords, certificates, and the secret that all machines share."""

import ssl
from contextlib import suppress

import anyio
import pytest
import trustme
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSListener

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.port import Key, Lease, Rule, StoreError, Taken
from tests.daemon.storage.redis.steps import all_stores
from tests.support.valkey import valkey

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")


async def test_a_password_with_everything_in_it_lets_in_and_is_never_told(folder, stores):
    with valkey(folder, password="p@:/?#s%w") as server:
        store = await stores.open(f"unix://:p%40%3A%2F%3F%23s%25w@{server.socket}")
        assert await store.claim([KEY]) == [Taken(1, None)]
        assert store.state().place == f"unix://{server.socket}"


@pytest.mark.parametrize("login", ["", ":wr0ng@", "nobody:wr0ng@"])
async def test_a_wrong_login_is_said_without_it(login, folder, stores):
    with valkey(folder, password="right") as server:
        store = stores.make(f"unix://{login}{server.socket}")
        with pytest.raises(StoreError, match="password") as caught:
            await store.open()
        assert "wr0ng" not in str(caught.value) + store.state().place + store.state().reason
        assert store.state().away_since is not None
        assert store.state().reason == str(caught.value)


# What docs say an administrator has to allow.
ALLOWED = ("+@all", "-@dangerous", "-@admin", "~osago:*", "&osago:*")


async def test_a_user_needs_no_more_than_our_keys_and_channel(server, stores):
    server.do("ACL", "SETUSER", "osago", "reset", "on", ">pw", *ALLOWED)
    url = f"unix://osago:pw@{server.socket}"
    one, two = await stores.open(url, "one"), await stores.open(url, "two")
    assert await one.claim([KEY]) == [Taken(1, None)]
    await two.check()
    server.do("SET", "osago:{a}:places", "x")  # whose type it may look at, and mend
    assert (await two.usage({"a": [Rule("per_day", 1, 60.0)]}))["a"].used[0].used == 0
    assert two.state().away_since is None
    assert two.state().reason == "may not read its maxmemory-policy (INFO): it must be noeviction"


async def test_who_may_not_listen_or_publish_still_hears_by_looking(server, stores):
    server.do("ACL", "SETUSER", "deaf", "reset", "on", ">pw", "+@all", "~osago:*", "resetchannels")
    url = f"unix://deaf:pw@{server.socket}"
    one, two = await stores.open(url, "one"), await stores.open(url, "two")
    (taken,) = await one.claim([KEY])
    one.release(Lease(KEY, taken.token, 4_000_000_000.0))
    assert await two.wait(KEY, taken.token) is None


async def test_a_user_who_may_not_write_our_keys_is_told_so(server, stores):
    server.do("ACL", "SETUSER", "other", "reset", "on", ">pw", "+@all", "~else:*", "&*")
    with pytest.raises(StoreError, match="permission"):
        await stores.open(f"unix://other:pw@{server.socket}")


async def test_a_redis_of_another_secret_is_refused_and_the_remedy_said(server, stores):
    await stores.open(server.url, seal_check="1234")
    await stores.open(server.url, "two", seal_check="1234")
    with pytest.raises(StoreRefusedError, match=r"copy fingerprint\.key") as caught:
        await stores.open(server.url, "three", seal_check="5678")
    assert "1234" not in str(caught.value)


@pytest.fixture
def authority(folder):
    made = trustme.CA()
    made.cert_pem.write_to_path(folder / "ca.pem")
    return made


@pytest.fixture
async def tls_port(authority, server):
    """TLS in front of the server: the one of the wheel is built without."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def pass_on(source, target, scope):
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for data in source:
                await target.send(data)
        scope.cancel()

    async def serve(client):
        async with (
            client,
            await anyio.connect_unix(str(server.socket)) as inner,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(pass_on, client, inner, tasks.cancel_scope)
            tasks.start_soon(pass_on, inner, client, tasks.cancel_scope)

    plain = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    listener = TLSListener(plain, context, standard_compatible=False)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield plain.extra(SocketAttribute.local_port)
        tasks.cancel_scope.cancel()
    await listener.aclose()


async def test_tls_with_an_authority_of_our_own_and_none_without(tls_port, folder, authority):
    assert authority
    async with all_stores() as stores:
        url = f"rediss://127.0.0.1:{tls_port}"
        store = await stores.open(f"{url}?ca_file={folder}/ca.pem")
        assert await store.claim([KEY]) == [Taken(1, None)]
        with pytest.raises(StoreError, match=r"(?i)certificate"):
            await stores.open(url, "two")
        with pytest.raises(StoreError, match="No such file"):
            await stores.open(f"{url}?ca_file={folder}/none.pem", "three")
