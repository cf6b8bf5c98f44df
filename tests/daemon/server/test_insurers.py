"""`insurers.*`: what is told of an insurer, and taking it out and back by hand."""

import json
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.methods import MAX_ISOLATION_S, NumberShown, PolicyShown
from osago_daemon.insurers.port import Several
from osago_daemon.quoting.appraisal import silent
from osago_daemon.quoting.insurer import members_of
from osago_daemon.resilience.numbers import BreakerNumbers, LimitNumbers, PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods import HANDLERS, lookup
from tests.support.desk import (
    NUMBERS,
    START,
    Pretend,
    another,
    another_application,
    decline,
    desk_of,
    ended,
    insurer_of,
    offer,
)
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio

OWNER = os.getuid()
STRANGER = OWNER + 1001


class Sick(Pretend):
    """Fails within its exchange."""

    async def _send(self):
        await anyio.sleep(self.after_s)
        raise Trouble(TroubleKind.SERVER_ERROR, "HTTP 500")


class Desk:
    """A daemon without a socket, asked through its handlers; time is virtual."""

    def __init__(self, desk):
        self.desk = desk
        file = Path("/etc/osago/insurers.toml")
        self.daemon = Daemon(desk, 1, START, file, Path("/s"), Path("/d"))

    async def ask(self, method, *, uid=OWNER, **params):
        handler = HANDLERS[method]
        parsed = handler.method.params.model_validate(params)
        result = await handler.handle(self.daemon, ClientView(uid=uid), parsed)
        return json.loads(result.model_dump_json(exclude_none=True))

    async def refused(self, method, **params):
        with pytest.raises(RpcError) as refusal:
            await self.ask(method, **params)
        return refusal.value

    async def told(self, insurer="a"):
        listed = await self.ask("insurers.list")
        return next(each for each in listed["insurers"] if each["id"] == insurer)

    async def quote(self, **options):
        options = {"insurers": list(self.desk.insurers), "deadline_s": 60, "cache": "use"} | options
        return await ended(self.desk.start(another_application(), **options))


@asynccontextmanager
async def brokered():
    """Two members of a broker, and a plain insurer."""
    answer = Several({"sk-a": offer("5000"), "sk-b": decline()})
    insurers = members_of(insurer_of("broker", Pretend(answer)), {"sk-a": "СК А", "sk-b": "СК Б"})
    async with desk_of() as made:
        made.line_up([*insurers, insurer_of("z", Pretend(offer()))], silent)
        yield Desk(made)


async def test_members_are_listed_and_say_through_whom_they_are_asked():
    async with brokered() as it:
        await it.quote()
        listed = (await it.ask("insurers.list"))["insurers"]
        source = await it.ask("insurers.show", insurer="broker")
        member = await it.ask("insurers.show", insurer="sk-b")
    assert [(one["id"], one.get("via")) for one in listed] == [
        ("sk-a", "broker"),
        ("sk-b", "broker"),
        ("z", None),
    ]
    assert [one["answered"] for one in listed] == [1, 1, 1]
    assert (source["id"], source["members"], source["answered"]) == ("broker", ["sk-a", "sk-b"], 2)
    assert (member["via"], "members" in member) == ("broker", False)


@pytest.mark.parametrize("named", ["sk-a", "broker"])
async def test_taking_out_one_member_takes_out_the_one_door_and_says_so(named):
    async with brokered() as it:
        result = await it.ask("insurers.isolate", insurer=named)
        listed = (await it.ask("insurers.list"))["insurers"]
        events = await it.quote()
        back = await it.ask("insurers.restore", insurer="sk-b")
        again = await it.quote()
    assert (result["insurer"], result.get("via")) == (
        named,
        None if named == "broker" else "broker",
    )
    assert result["members"] == ["sk-a", "sk-b"]
    states = [one["breaker"]["state"] for one in listed]
    assert states == ["isolated", "isolated", "closed"]
    assert events[-1]["counts"] == {"asked": 3, "offers": 1, "declined": 0, "failed": 2}
    assert (back["insurer"], back["via"], back["breaker"]["state"]) == ("sk-b", "broker", "closed")
    assert again[-1]["counts"]["failed"] == 0


async def test_a_plain_insurer_is_told_of_as_ever():
    async with brokered() as it:
        assert set(await it.ask("insurers.isolate", insurer="z")) == {"insurer", "breaker"}
        assert {"via", "members"}.isdisjoint(await it.ask("insurers.show", insurer="z"))


async def test_a_source_can_not_be_quoted_and_its_members_are_named_instead():
    async with brokered() as it:
        refusal = await it.refused("quote.start", application=another(), insurers=["z", "broker"])
    assert refusal.kind is ErrorKind.UNKNOWN_INSURER
    (problem,) = refusal.data.problems
    assert (problem.path, problem.code) == ("insurers[1]", "has_members")
    assert problem.params == {"name": "broker", "members": "sk-a, sk-b"}


async def test_a_members_kept_answers_go_with_its_sources():
    async with brokered() as it:
        application = another_application()
        options = {"insurers": list(it.desk.insurers), "deadline_s": 60, "cache": "use"}
        await ended(it.desk.start(application, **options))
        kept = await it.ask("cache.show")
        removed = await it.ask("cache.clear", insurer="sk-a")
    assert [one["insurer"] for one in kept["insurers"]] == ["broker", "z"]
    assert removed == {"removed": 1}


@asynccontextmanager
async def desk(numbers=NUMBERS, **adapters):
    async with desk_of(**adapters) as made:
        for id_, adapter in adapters.items():
            made.insurers[id_] = insurer_of(id_, adapter, numbers)
        yield Desk(made)


def at(seconds):
    return START + timedelta(seconds=seconds)


def when(text):
    """To the millisecond: the virtual clock begins anywhere, and its sums are rounded."""
    moment = datetime.fromisoformat(text) + timedelta(microseconds=500)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.fixture
def anyio_backend(request, virtual_time):
    """Virtual time, but for the tests that need a real socket."""
    return "asyncio" if "socket" in request.fixturenames else virtual_time


async def test_nothing_is_known_of_a_new_insurer():
    async with desk(a=Pretend(offer())) as osagod:
        assert await osagod.told() == {
            "id": "a",
            "name": "A",
            "breaker": {"state": "closed", "judged": 0, "failures": 0, "slow": 0},
            "answered": 0,
            "failed": 0,
            "failures": {},
            "limits": [{"limit": "at_once", "of": 500, "left": 500}],
            "waiting": 0,
        }


async def test_answers_and_failures_are_counted():
    async with desk(a=Pretend(offer(), after_s=2), b=Pretend(decline()), c=Sick(None)) as osagod:
        await osagod.quote()
        well, declining, sick = (await osagod.ask("insurers.list"))["insurers"]
        assert (well["answered"], well["failed"], well["failures"]) == (1, 0, {})
        assert well["latency"] == {"answers": 1, "p50_ms": 2000, "p90_ms": 2000, "p99_ms": 2000}
        assert declining["answered"] == 1
        assert (sick["answered"], sick["failed"]) == (0, 1)
        assert sick["failures"] == {"server_error": 1}
        assert sick["last_error"] == "server_error"
        assert "latency" not in sick
        assert sick["breaker"]["failures"] == sick["breaker"]["judged"] > 1


async def test_an_open_breaker_says_since_when_and_until_when():
    breaker = BreakerNumbers(window=2, failure_rate=0.5, open_s=30, jitter=0)
    async with desk(PipelineNumbers(breaker=breaker), a=Sick(None, after_s=1)) as osagod:
        await osagod.quote(deadline_s=1.5)
        told = (await osagod.told())["breaker"]
        assert (told["state"], when(told["since"])) == ("open", at(1))
        assert when(told["open_until"]) == at(31)
        await anyio.sleep_until(anyio.current_time() + 30)
        told = (await osagod.told())["breaker"]
        assert (told["state"], when(told["since"])) == ("half_open", at(31))
        assert "open_until" not in told


async def test_a_used_up_limit_says_when_it_has_room_and_who_waits():
    limits = LimitNumbers(per_minute=1, per_day=10, at_once=7, arrival_s=0)
    async with desk(PipelineNumbers(limits=limits), a=Pretend(offer())) as osagod:
        await osagod.quote()
        per_minute, per_day, at_once = (await osagod.told())["limits"]
        assert (per_minute["limit"], per_minute["of"], per_minute["left"]) == ("per_minute", 1, 0)
        assert when(per_minute["free_at"]) == at(60)
        assert per_day == {"limit": "per_day", "of": 10, "left": 9}
        assert at_once == {"limit": "at_once", "of": 7, "left": 7}
        await anyio.sleep(1)
        run = osagod.desk.start(another_application(), insurers=["a"], deadline_s=60, cache="use")
        await anyio.sleep(1)
        assert (await osagod.told())["waiting"] == 1
        await ended(run)
        assert (await osagod.told())["waiting"] == 0


async def test_an_insurer_that_asked_for_a_pause_says_until_when():
    async with desk(a=Pretend(offer())) as osagod:
        osagod.desk.insurers["a"].pipeline.limiter.pause(90)
        assert when((await osagod.told())["paused_until"]) == at(90)
        await anyio.sleep(91)
        assert "paused_until" not in await osagod.told()


async def test_show_is_the_same_and_the_whole_pipeline():
    async with desk(a=Pretend(offer()), b=Pretend(offer())) as osagod:
        numbers = (
            NumberShown(key="limits.at_once", value=20, source="file", line=36),
            NumberShown(key="poll.learn", value=True, source="default"),
            NumberShown(key="breaker.slow_s", value=None, source="default"),
        )
        explained = (PolicyShown(policy="deadline"), PolicyShown(policy="all", numbers=numbers))
        insurers = osagod.desk.insurers
        insurers["b"] = replace(insurers["b"], explained=explained, kind="rest")
        assert await osagod.ask("insurers.show", insurer="b") == await osagod.told("b") | {
            "adapter": "rest",
            "file": "/etc/osago/insurers.toml",
            "pipeline": [
                {"policy": "deadline", "numbers": []},
                {
                    "policy": "all",
                    "numbers": [
                        {"key": "limits.at_once", "value": 20, "source": "file", "line": 36},
                        {"key": "poll.learn", "value": True, "source": "default"},
                        {"key": "breaker.slow_s", "source": "default"},
                    ],
                },
            ],
        }


async def test_an_isolated_insurer_is_not_asked_and_says_so():
    async with desk(a=Pretend(offer()), b=Pretend(offer())) as osagod:
        changed = await osagod.ask("insurers.isolate", insurer="a", for_s=3600)
        assert changed["insurer"] == "a"
        assert changed["breaker"]["state"] == "isolated"
        assert when(changed["breaker"]["open_until"]) == at(3600)
        assert (await osagod.told())["breaker"] == changed["breaker"]
        outcomes = {e["insurer"]: e for e in await osagod.quote() if e["type"] != "done"}
        assert outcomes["b"]["type"] == "offer"
        failed = outcomes["a"]
        assert (failed["type"], failed["kind"]) == ("failed", "unavailable")
        assert failed["message"] == "isolated by hand"
        assert when(failed["retry_at"]) == at(3600)


async def test_without_a_time_it_stays_out_until_it_is_restored():
    async with desk(a=Pretend(offer())) as osagod:
        changed = await osagod.ask("insurers.isolate", insurer="a")
        assert "open_until" not in changed["breaker"]
        await anyio.sleep(30 * 86400)
        assert (await osagod.told())["breaker"]["state"] == "isolated"
        restored = await osagod.ask("insurers.restore", insurer="a")
        assert (restored["insurer"], restored["breaker"]["state"]) == ("a", "closed")
        assert (await osagod.quote())[-1]["counts"]["offers"] == 1


async def test_after_its_time_it_is_asked_again():
    async with desk(a=Pretend(offer())) as osagod:
        await osagod.ask("insurers.isolate", insurer="a", for_s=60)
        await anyio.sleep(61)
        assert (await osagod.quote())[-1]["counts"]["offers"] == 1
        assert (await osagod.told())["breaker"]["state"] == "closed"


async def test_done_again_both_say_the_same_and_isolating_can_be_given_another_end():
    async with desk(a=Pretend(offer())) as osagod:
        first = await osagod.ask("insurers.isolate", insurer="a", for_s=60)
        assert await osagod.ask("insurers.isolate", insurer="a", for_s=60) == first
        longer = await osagod.ask("insurers.isolate", insurer="a", for_s=MAX_ISOLATION_S)
        assert when(longer["breaker"]["open_until"]) == at(MAX_ISOLATION_S)
        first = await osagod.ask("insurers.restore", insurer="a")
        assert await osagod.ask("insurers.restore", insurer="a") == first


@pytest.mark.parametrize("method", ["insurers.isolate", "insurers.restore"])
@pytest.mark.parametrize("uid", [STRANGER, None])
async def test_a_stranger_may_look_but_change_nothing(method, uid):
    async with desk(a=Pretend(offer())) as osagod:
        await osagod.ask("insurers.isolate", insurer="a", for_s=60)
        before = await osagod.told()
        for insurer in ("a", "nobody"):
            refusal = await osagod.refused(method, uid=uid, insurer=insurer)
            assert refusal.kind is ErrorKind.NOT_ALLOWED
        assert await osagod.told() == before
        assert await osagod.ask("insurers.show", uid=uid, insurer="a")


async def test_root_may_change_things_at_another_users_daemon(monkeypatch):
    monkeypatch.setattr(lookup.os, "getuid", lambda: STRANGER)
    async with desk(a=Pretend(offer())) as osagod:
        assert await osagod.ask("insurers.isolate", uid=0, insurer="a")
        assert await osagod.ask("insurers.restore", uid=STRANGER, insurer="a")


async def test_who_took_an_insurer_out_is_in_the_log():
    async with desk(a=Pretend(offer())) as osagod:
        with capture_logs() as logged:
            await osagod.ask("insurers.isolate", insurer="a", for_s=60)
            await osagod.ask("insurers.restore", insurer="a")
    told = [line for line in logged if line["event"].startswith("insurer_")]
    assert [(line["event"], line["insurer"], line["uid"]) for line in told] == [
        ("insurer_isolated", "a", OWNER),
        ("insurer_restored", "a", OWNER),
    ]


@pytest.mark.parametrize("method", ["insurers.show", "insurers.isolate", "insurers.restore"])
async def test_an_unknown_insurer_gets_the_nearest_one(method):
    async with desk(sever=Pretend(offer())) as osagod:
        refusal = await osagod.refused(method, insurer="severr")
        assert refusal.kind is ErrorKind.UNKNOWN_INSURER
        [problem] = refusal.data.problems
        assert (problem.path, problem.params["nearest"]) == ("insurer", "sever")
        assert "did you mean `sever`?" in refusal.message


@pytest.mark.parametrize("for_s", [0, -1, "1h", MAX_ISOLATION_S + 1, 1e308])
async def test_a_time_that_is_none_is_refused_on_the_wire(socket, for_s):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        error = await line.ask("insurers.isolate", insurer="a", for_s=for_s)
        assert error["data"]["kind"] == "invalid_params"
        assert error["data"]["problems"][0]["path"] == "for_s"
        listed = await line.ask("insurers.list")
        assert listed["insurers"][0]["breaker"]["state"] == "closed"


async def test_the_kernel_says_who_is_at_the_other_end(socket, monkeypatch):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        changed = await line.ask("insurers.isolate", insurer="a")
        assert changed["breaker"]["state"] == "isolated"
        monkeypatch.setattr(lookup, "ROOT", STRANGER)
        monkeypatch.setattr(lookup.os, "getuid", lambda: STRANGER)
        error = await line.ask("insurers.restore", insurer="a")
        assert (error["data"]["kind"], error["data"]["retryable"]) == ("not_allowed", False)


async def test_hello_says_that_insurers_can_be_controlled(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        assert "insurers.control" in (await line.ask("hello"))["capabilities"]
