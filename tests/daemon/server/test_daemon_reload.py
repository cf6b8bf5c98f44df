"""`daemon.reload` on a real socket: all of a new insurers.toml at one moment, or nothing."""

import gc
import os
import shutil
import threading
import weakref
from contextlib import asynccontextmanager
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

from osago_core.tariff.book import SHIPPED
from osago_daemon import reloading
from osago_daemon.server.methods import lookup
from osago_daemon.settings import load
from tests.support.desk import another
from tests.support.house import house, insurers
from tests.support.server import connected

pytestmark = pytest.mark.anyio


class Office:
    """A daemon, a client of it, its file and its insurers."""

    def __init__(self, daemon, line, file, theirs):
        self.daemon = daemon
        self.line = line
        self.file = file
        self.theirs = theirs

    @property
    def desk(self):
        return self.daemon.desk

    async def reload(self, *tables):
        """With these tables in the file, if any are given; without `file` and `at`."""
        if tables:
            self.file.write_text("".join(tables))
        told = await self.line.ask("daemon.reload")
        return {key: value for key, value in told.items() if key not in {"file", "at"}}

    async def quote(self, *ids, application=None):
        """Insurer → what came of it."""
        asked = {"insurers": ids} if ids else {}
        await self.line.ask("quote.start", application=application or another(), **asked)
        events = await self.line.events()
        return {e["insurer"]: e.get("premium", e.get("kind")) for e in events if "source" in e}

    async def arrived(self, count):
        """So many requests in all have reached the insurers."""
        while len(self.theirs.asked) < count:
            await anyio.lowlevel.checkpoint()

    async def settled(self):
        """Whoever was dropped has been seen off."""
        while len(self.daemon.reloader._tasks._tasks) > 0:
            await anyio.lowlevel.checkpoint()


@pytest.fixture
async def office(tmp_path, socket):
    file = tmp_path / "insurers.toml"
    async with insurers() as theirs:
        file.write_text(theirs.table("a"))
        async with house(file, socket) as daemon, connected(daemon) as line:
            yield Office(daemon, line, file, theirs)


@asynccontextmanager
async def under_way(office, *ids):
    """A quote whose insurers keep it waiting; gives what came of it, after the block."""
    office.theirs.open = anyio.Event()
    came = {}
    async with connected(office.daemon) as line:
        before = len(office.theirs.asked)
        await line.ask("quote.start", application=another(), insurers=ids)
        await office.arrived(before + len(ids))
        try:
            yield came
        finally:
            office.theirs.open.set()
        came |= {e["insurer"]: e.get("premium") for e in await line.events() if "source" in e}


async def test_what_changed_is_told_and_new_quotes_see_it_at_once(office):
    table = office.theirs.table
    assert await office.reload(table("a"), table("b", "/5000"), table("c")) == {
        "added": ["b", "c"],
        "removed": [],
        "changed": [],
        "unchanged": ["a"],
        "tariff": "unchanged",
    }
    assert await office.quote() == {"a": 12000, "b": 5000, "c": 12000}
    told = await office.reload(table("b", "/6000"), table("a"))
    assert (told["removed"], told["changed"], told["unchanged"]) == (["c"], ["b"], ["a"])
    assert await office.quote() == {"b": 6000, "a": 12000}
    listed = await office.line.ask("insurers.list")
    assert [insurer["id"] for insurer in listed["insurers"]] == ["b", "a"]
    status = await office.line.ask("daemon.status")
    assert status["insurers"] == 2
    assert "reloaded_at" in status


async def test_a_quote_under_way_ends_as_it_began(office):
    table = office.theirs.table
    await office.reload(table("a", "/held/1000"), table("gone", "/held/2000"))
    async with under_way(office, "a", "gone") as came:
        await office.reload(table("a", "/3000"))
        assert await office.quote() == {"a": 3000}
        refused = await office.line.ask("quote.start", application=another(), insurers=["gone"])
        assert refused["data"]["kind"] == "unknown_insurer"
    assert came == {"a": 1000, "gone": 2000}


async def test_the_same_application_is_not_asked_about_twice_at_once_and_read_by_the_new_file(
    office,
):
    application = another()
    await office.reload(office.theirs.table("a", "/held/1000"))
    office.theirs.open = anyio.Event()
    async with connected(office.daemon) as first, anyio.create_task_group() as tasks:
        await first.ask("quote.start", application=application)
        await office.arrived(1)
        await office.reload(office.theirs.table("a", "/3000"))
        came = {}

        async def second():
            came.update(await office.quote(application=application))

        tasks.start_soon(second)
        while office.desk.active < 2:
            await anyio.lowlevel.checkpoint()
        assert len(office.theirs.asked) == 1
        office.theirs.open.set()
        premiums = [event.get("premium") for event in await first.events()]
    assert 1000 in premiums
    assert came == {"a": 3000}


async def test_with_any_problem_nothing_changes_and_the_status_says_since_when(office):
    before = dict(office.desk.insurers)
    bad = office.theirs.table("a", more="limits = { per_secnd = 1 }") + "[tarif]\n"
    office.file.write_text(bad)
    refused = await office.line.ask("daemon.reload")
    assert (refused["code"], refused["data"]["kind"]) == (-32007, "config_invalid")
    problems = refused["data"]["problems"]
    assert [(p["path"], p["params"]["line"]) for p in problems] == [
        ("insurers.a.limits.per_secnd", 4),
        ("tarif", 12),
    ]
    assert all(p["params"]["file"] == str(office.file) for p in problems)
    assert office.desk.insurers == before
    assert await office.quote() == {"a": 12000}

    waiting = (await office.line.ask("daemon.status"))["config_refused"]
    assert waiting["problems"] == 2
    assert waiting["first"] == problems
    office.file.write_text("[insurers.a\n")
    await office.line.ask("daemon.reload")
    again = (await office.line.ask("daemon.status"))["config_refused"]
    assert (again["since"], again["problems"]) == (waiting["since"], 1)

    await office.reload(office.theirs.table("a"))
    assert "config_refused" not in await office.line.ask("daemon.status")


async def test_what_is_known_of_an_insurer_survives_a_new_table(office):
    table = office.theirs.table
    await office.reload(table("a", more="limits = { per_day = 3 }"))
    await office.quote()
    await office.line.ask("insurers.isolate", insurer="a")
    await office.reload(table("a", "/7000", "limits = { per_day = 2 }\nattempt_timeout_s = 5.0"))
    shown = await office.line.ask("insurers.show", insurer="a")
    assert shown["breaker"]["state"] == "isolated"
    assert shown["answered"] == 1
    assert [(limit["of"], limit["left"]) for limit in shown["limits"]] == [(2, 1), (500, 500)]
    timeout = next(
        number
        for policy in shown["pipeline"]
        for number in policy["numbers"]
        if number["key"] == "attempt_timeout_s"
    )
    assert (timeout["value"], timeout["source"]) == (5.0, "file")
    await office.line.ask("insurers.restore", insurer="a")
    assert await office.quote() == {"a": 7000}
    shown = await office.line.ask("insurers.show", insurer="a")
    assert shown["limits"][0]["left"] == 0


async def test_what_was_known_of_an_insurer_comes_back_with_it(office):
    table = office.theirs.table
    await office.reload(table("a"), table("b"))
    await office.quote("b")
    await office.line.ask("insurers.isolate", insurer="b")
    await office.reload(table("a"))
    await office.reload(table("a"), table("b"))
    shown = await office.line.ask("insurers.show", insurer="b")
    assert (shown["answered"], shown["breaker"]["state"]) == (1, "isolated")


async def test_a_secret_that_was_rotated_is_picked_up_though_the_file_is_the_same(office):
    secret = office.file.with_name("token")
    secret.write_text("old-canary")
    secret.chmod(0o600)
    auth = 'auth = { kind = "bearer", token = "file:token" }'
    await office.reload(office.theirs.table("a", more=auth), office.theirs.table("b"))
    kept = {id_: insurer.adapter for id_, insurer in office.desk.insurers.items()}

    same = await office.reload()
    assert (same["changed"], same["unchanged"]) == ([], ["a", "b"])
    assert all(office.desk.insurers[id_].adapter is adapter for id_, adapter in kept.items())

    secret.write_text("new-canary")
    told = await office.reload()
    assert (told["changed"], told["unchanged"]) == (["a"], ["b"])
    assert office.desk.insurers["b"].adapter is kept["b"]
    await office.quote("a")
    assert office.theirs.asked[-1][1] == "Bearer new-canary"
    assert "canary" not in repr(office.daemon.reloader._rosters.present.draft)


async def test_what_only_says_how_patiently_it_is_asked_keeps_the_adapter_and_its_login(office):
    adapter = office.desk.insurers["a"].adapter
    told = await office.reload(office.theirs.table("a", more="limits = { per_second = 9 }"))
    assert told["changed"] == ["a"]
    assert office.desk.insurers["a"].adapter is adapter


async def test_what_a_reload_drops_is_gone_when_the_last_quote_with_it_is(office):
    """Also where the collector does not look, as it doesn't at what was there at the start."""
    table = office.theirs.table
    await office.reload(table("a", "/held/1000", "transport = { max_body_bytes = 2048 }"))
    adapter = weakref.ref(office.desk.insurers["a"].adapter)
    way = weakref.ref(adapter()._transport)
    gc.collect()
    gc.freeze()
    try:
        async with under_way(office, "a") as came:
            await office.reload(table("a", "/3000"))
            assert adapter() is not None
            assert way()._connector.closed is False
        assert came == {"a": 1000}
        await office.reload()  # what the worker thread has in hand is of this one
        await office.settled()
        gc.collect()  # of quotes that are over, which began afterwards
        assert (adapter(), way()) == (None, None)
    finally:
        gc.unfreeze()


async def test_connections_that_are_still_used_stay_open(office):
    table = office.theirs.table
    other = "transport = { max_body_bytes = 2048 }"
    await office.reload(table("a", "/held/1000"), table("b"))
    way = office.desk.insurers["a"].adapter._transport
    async with under_way(office, "a") as came:
        await office.reload(table("a", more=other), table("b"))  # only b goes this way
        await office.reload(table("a", more=other), table("b", more=other))
        assert await office.quote() == {"a": 12000, "b": 12000}
        assert not way._connector.closed
    assert came == {"a": 1000}
    await office.settled()
    assert way._connector.closed
    assert await office.quote() == {"a": 12000, "b": 12000}


async def test_the_loop_never_waits_and_the_second_reload_sees_the_newest_file(office):
    pipe = office.file.with_name("pipe")
    os.mkfifo(pipe)
    table = partial(
        office.theirs.table, more='auth = { kind = "bearer", token = "command:cat pipe" }'
    )
    office.file.write_text(table("a", "/1000") + table("b"))
    told = {}

    async def reload(name):
        async with connected(office.daemon) as line:
            told[name] = await line.ask("daemon.reload")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reload, "first")
        while not office.daemon.reloader._turn.locked():
            await anyio.lowlevel.checkpoint()
        assert await office.quote() == {"a": 12000}  # while the program hangs
        opened = await anyio.to_thread.run_sync(partial(open, pipe, "w"))
        tasks.start_soon(reload, "second")
        while not office.daemon.reloader._turn.statistics().tasks_waiting:
            await anyio.lowlevel.checkpoint()
        office.file.write_text(table("a", "/2000"))
        opened.write("one\n")
        opened.close()
        while "first" not in told:
            await anyio.lowlevel.checkpoint()
        await anyio.to_thread.run_sync(lambda: pipe.write_text("two\n"))
    assert told["first"]["added"] == ["b"]  # one program for both tables, run once
    assert told["second"]["removed"] == ["b"]
    assert await office.quote() == {"a": 2000}
    assert office.theirs.asked[-1] == ("/2000", "Bearer two")


async def test_a_program_that_gives_no_secret_is_a_problem_with_its_line(office):
    more = 'auth = { kind = "bearer", token = "command:false" }'
    office.file.write_text(office.theirs.table("a", more=more))
    refused = await office.line.ask("daemon.reload")
    [problem] = refused["data"]["problems"]
    assert (problem["path"], problem["params"]["line"]) == ("insurers.a.auth.token", 4)
    assert problem["text"] == "command:false ended with exit code 1"


async def test_another_tariff_holds_at_once_and_only_where_its_tables_differ(office):
    own = office.file.with_name("tariff")
    shutil.copytree(SHIPPED, own)
    table = office.theirs.table("a")
    tariff = '[tariff]\ndirectory = "tariff"\n'
    assert (await office.reload(tariff, table))["tariff"] == "changed"
    book = office.daemon.book
    assert book.folder == own
    assert (await office.reload())["tariff"] == "unchanged"
    assert office.daemon.book is book
    first = next((own / "editions").iterdir())
    first.write_text(first.read_text() + "\n")
    assert (await office.reload())["tariff"] == "changed"
    assert office.daemon.book is not book
    assert (await office.reload(table))["tariff"] == "changed"
    assert office.daemon.book.folder == SHIPPED


async def test_a_daemon_that_is_about_to_stop_takes_no_new_file(office):
    before = office.desk.insurers
    office.desk.drain()
    refused = await office.line.ask("daemon.reload")
    assert refused["data"]["kind"] == "draining"
    assert office.desk.insurers is before


async def test_only_the_owner_and_root_may_reload(office, monkeypatch):
    monkeypatch.setattr(lookup.os, "getuid", lambda: 1001)
    monkeypatch.setattr(lookup, "ROOT", 1002)
    refused = await office.line.ask("daemon.reload")
    assert refused["data"]["kind"] == "not_allowed"


async def test_who_comes_back_while_it_is_still_asked_is_the_same_one(office):
    more = "limits = { at_once = 1 }"
    table = partial(office.theirs.table, "a", "/held/1000")
    b = office.theirs.table("b")
    await office.reload(table(more), b)
    async with under_way(office, "a"):
        before = office.desk.insurers["a"].pipeline
        rosters = office.daemon.reloader._rosters
        await office.reload(b)
        assert {limits.insurer for limits in rosters.limits} == {"a", "b"}  # refreshed too
        await office.reload(table(more), b)
        assert office.desk.insurers["a"].pipeline is before
        await office.reload(b)
        told = await office.reload(table("limits = { at_once = 2 }"), b)
        assert told["added"] == ["a"]
        assert office.desk.insurers["a"].pipeline.breaker is before.breaker
        shown = await office.line.ask("insurers.show", insurer="a")
        assert [(each["of"], each["left"]) for each in shown["limits"]][-1] == (2, 1)
        await office.reload(b)
    await office.settled()
    assert {limits.insurer for limits in rosters.limits} == {"b"}


async def test_our_own_mistake_is_in_the_status_without_its_words(office, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("canary")

    with monkeypatch.context() as patched:
        patched.setattr(reloading, "load", broken)
        refused = await office.line.ask("daemon.reload")
        assert refused["data"]["kind"] == "internal"
    waiting = (await office.line.ask("daemon.status"))["config_refused"]
    assert waiting["first"][0]["text"].startswith("our own mistake")
    assert "canary" not in str(waiting)
    await office.reload()
    assert "config_refused" not in await office.line.ask("daemon.status")


async def test_all_who_wait_for_a_reload_share_the_next_one(office, monkeypatch):
    begun, go_on, reads = anyio.Event(), threading.Event(), []

    def slowly(*arguments, **options):
        reads.append(arguments)
        anyio.from_thread.run_sync(begun.set)
        go_on.wait()
        return load(*arguments, **options)

    monkeypatch.setattr(reloading, "load", slowly)
    reloader, told = office.daemon.reloader, []

    async def reload():
        told.append(await reloader.reload())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reload)
        await begun.wait()
        for _ in range(5):
            tasks.start_soon(reload)
        while not reloader._turn.statistics().tasks_waiting:
            await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        go_on.set()
    assert len(reads) == 2
    assert len(told) == 6


async def test_a_connection_that_can_not_be_closed_ends_nothing(office, monkeypatch):
    async def broken():
        raise RuntimeError("canary")

    way = office.desk.insurers["a"].adapter._transport
    monkeypatch.setattr(way, "aclose", broken)
    other = office.theirs.table("a", "/3000", "transport = { max_body_bytes = 2048 }")
    await office.reload(other)
    await office.settled()
    assert await office.quote() == {"a": 3000}


async def test_who_stops_does_not_wait_for_programs(office):
    """Nobody else can end the thread: Python would wait for it at the very end."""
    begun, read = anyio.Event(), []

    def hangs(patience):
        read.append(patience)
        anyio.from_thread.run_sync(begun.set)
        patience._over.wait()
        return load(office.file)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reloading.drafted, hangs)
        await begun.wait()
        assert not read[0].is_over
        tasks.cancel_scope.cancel()
    assert read[0].is_over


async def test_a_reload_under_way_is_broken_off_by_a_stop(office, monkeypatch):
    begun, refused = anyio.Event(), {}

    def hangs(file, *, patience):
        anyio.from_thread.run_sync(begun.set)
        patience._over.wait()
        return load(file)

    async def reload():
        refused.update(await office.line.ask("daemon.reload"))

    monkeypatch.setattr(reloading, "load", hangs)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reload)
        await begun.wait()
        office.desk.drain()
        office.daemon.reloader.give_up()
    assert refused["data"]["kind"] == "draining"
