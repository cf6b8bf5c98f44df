"""Every method of the contract over a real socket."""

import json
from pathlib import Path

import anyio
import pytest

from osago_core.wire.methods import ALL
from osago_daemon.server.methods import HANDLERS
from tests.support.desk import Pretend, decline, example, offer
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "openrpc.json"


async def test_every_method_of_the_contract_has_a_handler():
    assert list(HANDLERS) == [method.name for method in ALL]


async def test_hello_agrees_on_a_protocol(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        hello = await line.ask(
            "hello", protocol={"min": 1, "max": 7}, client={"name": "test", "version": "0"}
        )
        assert hello["protocol"] == 1
        assert hello["daemon"]["pid"] == daemon.pid
        assert hello["limits"]["max_line_bytes"] == 1024 * 1024


async def test_hello_refuses_a_protocol_we_do_not_speak(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        error = await line.ask("hello", protocol={"min": 2, "max": 3})
        assert error["data"]["kind"] == "unsupported_protocol"


async def test_start_answers_before_its_first_event(socket):
    async with (
        serving(socket, a=Pretend(offer("5000")), b=Pretend(decline())) as daemon,
        connected(daemon) as line,
    ):
        started = await line.start()
        assert started["seq"] == 0
        assert [insurer["id"] for insurer in started["insurers"]] == ["a", "b"]
        events = await line.events()
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert {event["quote_id"] for event in events} == {started["quote_id"]}


async def test_without_watch_no_events_come(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        started = await line.start(watch=False)
        whole = await line.ask("quote.get", quote_id=started["quote_id"])
        assert whole["quote_id"] == started["quote_id"]


async def test_get_shows_the_whole_run_and_list_the_newest_first(socket):
    async with serving(socket, a=Pretend(offer("5000"))) as daemon, connected(daemon) as line:
        ids = []
        for _ in range(3):
            ids.append((await line.start())["quote_id"])
            await line.events()
        whole = await line.ask("quote.get", quote_id=ids[0])
        assert whole["state"] == "done"
        assert whole["outcomes"][0]["premium"] == 5000
        assert whole["done"]["reason"] == "complete"
        listed = (await line.ask("quote.list", limit=2))["quotes"]
        assert [quote["quote_id"] for quote in listed] == [ids[2], ids[1]]
        assert "Иван" not in json.dumps([whole, listed], ensure_ascii=False)


async def test_cancel_ends_the_run_with_one_done(socket):
    async with (
        serving(socket, a=Pretend(offer(), polls=1000)) as daemon,
        connected(daemon) as line,
        connected(daemon) as other,
    ):
        started = await line.start()
        cancelled = await other.ask("quote.cancel", quote_id=started["quote_id"])
        assert cancelled == {"cancelled": True}
        assert (await line.events())[-1]["reason"] == "cancelled"


async def test_coming_back_with_after_seq_loses_nothing_and_repeats_nothing(socket):
    async with serving(
        socket, a=Pretend(offer()), b=Pretend(decline(), polls=1, every_s=0)
    ) as daemon:
        async with connected(daemon) as line:
            started = await line.start()
            seen = [(await line.receive())["params"] for _ in range(2)]
        async with connected(daemon) as line:
            watched = await line.ask(
                "quote.watch", quote_id=started["quote_id"], after_seq=seen[-1]["seq"]
            )
            assert watched["quote_id"] == started["quote_id"]
            rest = await line.events()
        async with connected(daemon) as line:
            await line.ask("quote.watch", quote_id=started["quote_id"])
            assert await line.events() == seen + rest


async def test_several_runs_share_one_connection(socket):
    async with serving(socket, a=Pretend(offer()), b=Pretend(offer())) as daemon:
        async with connected(daemon) as line:
            for _ in range(20):
                await line.send("quote.start", application=example())
            runs, done = {}, 0
            while done < 20:
                message = await line.receive()
                if "result" in message:
                    runs[message["result"]["quote_id"]] = []
                else:
                    event = message["params"]
                    runs[event["quote_id"]].append(event["seq"])  # its answer came first
                    done += event["type"] == "done"
        assert len(runs) == 20
        assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in runs.values())


async def test_check_gives_a_fingerprint_or_every_problem(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        checked = await line.ask("application.check", application=example())
        assert len(checked["fingerprint"]) == 64
        broken = example()
        broken["drivers"][0]["license"]["number"] = "12"
        broken["vehicle"]["power_hp"] = -1
        error = await line.ask("application.check", application=broken)
        assert error["data"]["kind"] == "invalid_application"
        paths = {problem["path"] for problem in error["data"]["problems"]}
        assert {"drivers[0].license.number", "vehicle.power_hp"} <= paths


async def test_discover_is_the_document_in_the_repository(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        discovered = await line.ask("rpc.discover")
    assert discovered == json.loads(SCHEMA.read_text()), "run: make schema"


async def test_status_and_insurers_only_look(socket):
    async with (
        serving(socket, a=Pretend(offer()), b=Pretend(offer())) as daemon,
        connected(daemon) as line,
    ):
        status = await line.ask("daemon.status")
        assert status["runs"] == {"active": 0, "known": 0}
        assert (status["clients"], status["insurers"]) == (1, 2)
        listed = await line.ask("insurers.list")
        assert [insurer["id"] for insurer in listed["insurers"]] == ["a", "b"]
        assert listed["insurers"][0]["breaker"]["state"] == "closed"


async def test_a_draining_daemon_starts_nothing(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        daemon.desk.drain()
        error = await line.start()
        assert (error["data"]["kind"], error["data"]["retryable"]) == ("draining", True)


async def test_a_full_daemon_says_when_to_come_back(socket, monkeypatch):
    monkeypatch.setattr("osago_daemon.server.methods.quote_start.MAX_RUNS", 1)
    async with serving(socket, a=Pretend(offer(), polls=99)) as daemon, connected(daemon) as line:
        await line.start(watch=False)
        error = await line.start()
        assert error["data"]["kind"] == "overloaded"
        assert error["data"]["retry_after_ms"] > 0


@pytest.mark.parametrize(
    ("method", "params", "kind", "path"),
    [
        ("quote.watch", {"quote_id": "nope"}, "unknown_quote", None),
        ("quote.get", {}, "invalid_params", "quote_id"),
        ("quote.list", {"limit": "many"}, "invalid_params", "limit"),
        ("quote.start", {"application": []}, "invalid_params", "application"),
        ("quote.start", {"application": {}, "deadline_s": 61}, "invalid_params", "deadline_s"),
        ("quote.start", {"application": {}, "insurers": ["q"]}, "unknown_insurer", "insurers[0]"),
        ("quote.begin", {}, "unknown_method", None),
    ],
)
async def test_bad_requests_say_what_and_where(socket, method, params, kind, path):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        error = await line.ask(method, **params)
        assert error["data"]["kind"] == kind
        if path:
            assert error["data"]["problems"][0]["path"] == path
        assert (await line.ask("daemon.status"))["state"] == "running"


async def test_bad_parameters_are_told_in_plain_words_and_all_at_once(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        error = await line.ask("quote.start", aplication={}, deadline_s=99, insurers=1, cache="no")
        told = {problem["path"]: problem["text"] for problem in error["data"]["problems"]}
    assert told == {
        "application": "is required; `aplication` is no parameter",
        "deadline_s": "must be at most 60",
        "insurers": "expected a list",
        "cache": "must be one of: 'use', 'refresh' or 'only'",
    }


async def test_an_unknown_insurer_gets_the_nearest_known_one(socket):
    async with serving(socket, sever=Pretend(offer())) as daemon, connected(daemon) as line:
        error = await line.ask("quote.start", application=example(), insurers=["severr"])
        assert "did you mean `sever`?" in error["message"]


async def test_watching_beyond_the_end_is_refused(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        started = await line.start()
        await line.events()
        error = await line.ask("quote.watch", quote_id=started["quote_id"], after_seq=999)
        assert error["data"]["problems"][0]["path"] == "after_seq"


async def test_disconnecting_lets_the_run_go_on(socket):
    async with serving(socket, a=Pretend(offer(), polls=1, every_s=0)) as daemon:
        async with connected(daemon) as line:
            started = await line.start()
        run = daemon.desk.get(started["quote_id"])
        over = anyio.Event()
        run.watch(over, lambda: over.set() if run.done else None)
        await over.wait()
        assert run.done.reason == "complete"


async def test_a_clear_while_the_store_was_away_said_that_it_was_done(socket, monkeypatch):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        there = daemon.desk.store.state()
        monkeypatch.setattr(
            daemon.desk.store, "state", lambda: there._replace(away_since=0.0, reason="gone")
        )
        error = await line.ask("cache.clear")
        assert (error["data"]["kind"], error["data"]["retryable"]) == ("store_away", True)
        assert "gone" in error["message"]
