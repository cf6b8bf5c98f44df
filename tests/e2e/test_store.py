"""What people see of the store: today's answers, and trouble that costs no quote."""

import json
import os
import subprocess
from contextlib import contextmanager, suppress

import anyio
import pytest

from tests.support.crowd import Client, RefusedError, ask, until
from tests.support.fleet import Served, serving
from tests.support.processes import EXAMPLES, Osago
from tests.support.valkey import valkey

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("store")]

APPLICATION = EXAMPLES / "application.json"
FAST = "sever,kedr,verst,filin"
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def quoted(osago, *options):
    """Whence each offer or decline of a few insurers is."""
    result = osago("quote", APPLICATION, "--json", "--insurer", FAST, *options)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    return {one["insurer"]: one["source"] for one in document["offers"] + document["declined"]}


def _of_asked(stats):
    return {insurer: stats[insurer] for insurer in FAST.split(",")}


def _creates(stats):
    return {insurer: seen["creates"] for insurer, seen in stats.items()}


async def test_the_same_again_comes_from_the_cache_until_refreshed_or_cleared(osago, sandbox):
    sandbox.forget_stats()
    with serving(Served(osago)):
        assert set(quoted(osago).values()) == {"live"}
        asked = sandbox.stats()
        again = quoted(osago)
        assert set(again.values()) == {"cache"}
        # Of those that were asked: others may be polled for what tests before this one began.
        assert _of_asked(sandbox.stats()) == _of_asked(asked)
        assert "cached just now" in osago("quote", APPLICATION, "--insurer", FAST).stdout
        assert set(quoted(osago, "--refresh").values()) == {"live"}
        twice = {insurer: 2 * creates for insurer, creates in _creates(asked).items()}
        assert _creates(sandbox.stats()) == twice
        kept = osago.json("cache", "--json")
        assert kept["answers"] == len(again)
        assert "kedr" in osago("cache").stdout
        assert osago("cache", "clear", "--insurer", "kedr").returncode == 0
        assert osago.json("cache", "--json")["answers"] == len(again) - 1
        assert quoted(osago)["kedr"] == "live"
        assert osago("cache", "clear").returncode == 0
        assert osago.json("cache", "--json")["answers"] == 0
        status = osago("status")
        assert f"disk, {osago.home}/state/store" in status.stdout
        store = osago.json("status", "--json")["store"]
        assert (store["kind"], store["state"], store["instances"]) == ("disk", "ready", 1)


@contextmanager
def somebody_else():
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@as_root
async def test_another_user_may_look_but_not_clear(osago):
    daemon = Served(osago)
    with serving(daemon):
        assert quoted(osago)
        osago.home.chmod(0o755)
        (osago.home / osago.socket).chmod(0o666)
        with somebody_else():
            kept = await ask(daemon.socket, "cache.show")
            with pytest.raises(RefusedError, match="not_allowed"):
                await ask(daemon.socket, "cache.clear")
        assert kept["answers"] == (await ask(daemon.socket, "cache.show"))["answers"] > 0
        assert (await ask(daemon.socket, "cache.clear"))["removed"] == kept["answers"]


@pytest.mark.parametrize("file", ["state.db", "answers/cache.db"])
async def test_a_corrupt_store_is_moved_aside_and_quotes_go_on(osago, file):
    daemon = Served(osago)
    with serving(daemon):
        assert quoted(osago)
    state = osago.home / "state"
    for beside in (state / "store").glob(f"{file}-*"):
        beside.unlink()
    (state / "store" / file).write_bytes(b"garbage, " * 4096)
    with serving(daemon):
        assert quoted(osago)
        await until(lambda: _is(daemon, "ready"))
        (aside,) = state.glob("store.broken-*")
        assert "store_moved_aside" in daemon.log
        assert (aside / file).read_bytes().startswith(b"garbage")
        assert set(quoted(osago).values()) == {"cache"}


async def test_a_store_that_becomes_garbage_under_a_daemon_costs_no_quote(osago):
    daemon = Served(osago)
    state = osago.home / "state"
    with serving(daemon):
        assert quoted(osago)
        for file in ("state.db", "answers/cache.db"):
            for one in (state / "store").glob(f"{file}*"):
                one.write_bytes(b"garbage, " * 4096)
        assert quoted(osago, "--refresh")

        async def mended():
            quoted(osago)
            store = (await daemon.status())["store"]
            return store["state"] == "ready" and list(state.glob("store.broken-*"))

        await until(mended)
        assert quoted(osago)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


@contextmanager
def mounted(folder, options):
    folder.mkdir()
    mount("-t", "tmpfs", "-o", options, "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(file):
    """Until there is no room left."""
    with suppress(OSError), file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def _may_mount():
    if os.geteuid() != 0:
        return False
    result = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        check=False,
    )
    return result.returncode == 0


may_mount = pytest.mark.skipif(not _may_mount(), reason="only root can mount")


@may_mount
async def test_a_store_without_room_costs_no_quote_and_status_says_why(home, sandbox):
    with mounted(home / "small", "size=2m") as small:
        osago = Osago(home, sandbox.config, store=f"disk:{small}/store")
        daemon = Served(osago)
        with serving(daemon):
            assert quoted(osago)
            fill(small / "ballast")
            for _ in range(3):
                assert quoted(osago, "--refresh")
            store = (await daemon.status())["store"]
            assert store["state"] == "ready" or store["reason"] == "no room left"
            (small / "ballast").unlink()
            await until(lambda: _is(daemon, "ready"))
            assert quoted(osago)


@may_mount
async def test_a_read_only_store_costs_no_quote_and_status_says_why(home, sandbox):
    with mounted(home / "small", "size=20m") as small:
        osago = Osago(home, sandbox.config, store=f"disk:{small}/store")
        daemon = Served(osago)
        mount("-o", "remount,ro", small)
        with serving(daemon):
            assert set(quoted(osago).values()) == {"live"}
            store = (await daemon.status())["store"]
            assert store["state"] == "away"
            assert "read-only" in store["reason"]
            assert "read-only" in osago("status").stdout
            assert set(quoted(osago).values()) == {"cache"}
            mount("-o", "remount,rw", small)
            await until(lambda: _is(daemon, "ready"))
            assert set(quoted(osago).values()) == {"cache"}


async def _is(daemon, state):
    return (await daemon.status())["store"]["state"] == state


@pytest.fixture
def hanging(sandbox):
    """An insurer that takes everything and says nothing."""
    sandbox.fault("barsuk", "hang")
    yield
    sandbox.heal()


@pytest.mark.usefixtures("hanging")
async def test_redis_may_go_away_and_come_back_in_the_middle_of_a_run(home, sandbox):
    with valkey(home, "--appendonly", "yes") as server:
        osago = Osago(home, sandbox.config, store=server.url)
        daemon = Served(osago)
        raw = json.loads(APPLICATION.read_text())
        asked = [*FAST.split(","), "barsuk"]
        client = Client(daemon.socket, raw, insurers=asked)
        with serving(daemon):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.run)
                await until(lambda: _has(client, len(asked) - 1))
                server.kill()
                await until(lambda: _noticed(client, "store_away"))
                store = (await daemon.status())["store"]
                assert (store["kind"], store["state"]) == ("redis", "away")
                assert store["reason"]
                assert osago.json("cache", "--json")["store"]["state"] == "away"
                assert set(quoted(osago).values()) == {"cache"}
                assert set(quoted(osago, "--refresh").values()) == {"live"}
                server.start()
                await until(lambda: _noticed(client, "store_back"))
                assert await _is(daemon, "ready")
                await ask(daemon.socket, "quote.cancel", quote_id=client.quote_id)
            assert set(quoted(osago).values()) == {"cache"}
        client.check_events()


async def _has(client, count):
    return len(client.outcomes) >= count


async def _noticed(client, code):
    return any(event.get("code") == code for event in client.events)


async def test_another_key_on_the_same_redis_is_refused_with_what_to_do(home, sandbox):
    with valkey(home) as server:
        first = Osago(home, sandbox.config, store=server.url)
        (home / "elsewhere").mkdir()
        second = Osago(home / "elsewhere", sandbox.config, store=server.url)
        with serving(Served(first)):
            assert quoted(first)
            with second.daemon() as refused:
                said = refused.stdout.read()
            assert refused.returncode == 1
            assert "fingerprint.key" in said
            assert "copy" in said
            assert "Traceback" not in said
            second.env["OSAGO_STATE_DIR"] = first.env["OSAGO_STATE_DIR"]
            with serving(Served(second)):
                assert set(quoted(second).values()) == {"cache"}
                assert second.json("status", "--json")["store"]["instances"] == 2
