"""Clients that say nonsense, too much, or nothing: an honest error for them, nothing for others."""

import json
import socket as sockets
from contextlib import suppress

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osago_core.wire.codec import decode_request
from osago_core.wire.errors import RpcError
from osago_daemon.server import session
from osago_daemon.server.turns import LINES_A_TURN
from tests.support.desk import Pretend, offer
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\n",
        b"\xff\xfe{}\n",
        b'{"jsonrpc": "2.0", "id": 1\n',
        b"[" * 100_000 + b"\n",
        b'{"a": NaN}\n',
        b"x" * (2 * 1024 * 1024) + b"\n",
        b"x" * (2 * 1024 * 1024),  # without an end
    ],
    ids=["words", "not-utf8", "half", "deep", "nan", "2MB", "2MB-endless"],
)
async def test_what_is_no_json_gets_a_parse_error_and_is_hung_up_on(socket, garbage):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        await line.stream.send(garbage)
        answer = await line.receive()
        assert answer["error"]["code"] == -32700
        assert answer["id"] is None
        assert await line.at_end()
        async with connected(daemon) as other:
            assert (await other.ask("daemon.status"))["state"] == "running"


@pytest.mark.parametrize(
    "request_",
    [
        [],
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "hello"},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": [1]},
        {"jsonrpc": "2.0", "id": {}, "method": "hello"},
    ],
)
async def test_json_that_is_no_request_is_refused_and_the_client_may_go_on(socket, request_):
    async with serving(socket) as daemon, connected(daemon) as line:
        await line.stream.send(json.dumps(request_).encode() + b"\n")
        assert (await line.receive())["error"]["code"] == -32600
        assert (await line.ask("daemon.status"))["state"] == "running"


async def test_a_line_of_exactly_the_limit_is_read(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        frame = {"jsonrpc": "2.0", "id": 1, "method": "daemon.status", "params": {"fill": ""}}
        frame["params"]["fill"] = "x" * (1024 * 1024 - len(json.dumps(frame)))
        text = json.dumps(frame).encode()
        assert len(text) == 1024 * 1024
        await line.stream.send(text + b"\n")
        assert (await line.receive())["result"]["state"] == "running"


async def test_a_notification_gets_no_answer(socket):
    async with serving(socket) as daemon, connected(daemon) as line:
        await line.stream.send(b'{"jsonrpc":"2.0","method":"daemon.status"}\n\n')
        assert (await line.ask("daemon.status"))["state"] == "running"


async def test_half_closing_still_gets_every_event_then_the_end(socket):
    """What `printf … | socat - UNIX-CONNECT:…` does."""
    async with (
        serving(socket, a=Pretend(offer(), polls=1, every_s=0)) as daemon,
        connected(daemon) as line,
    ):
        await line.start()
        await line.stream.send_eof()
        assert (await line.events())[-1]["type"] == "done"
        assert await line.at_end()


async def fill(lazy, request):
    """Send until nothing more fits, or until the daemon has hung up on such a client."""
    with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
        while True:
            lazy.send(request)
            await anyio.lowlevel.checkpoint()


async def test_a_client_that_takes_nothing_is_closed_and_nobody_waits_for_it(socket, monkeypatch):
    monkeypatch.setattr(session, "SLOW_CLIENT_S", 0.05)
    async with serving(socket, a=Pretend(offer())) as daemon:
        with sockets.socket(sockets.AF_UNIX) as lazy:
            lazy.settimeout(0)
            lazy.connect(str(daemon.socket))
            request = b'{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n'
            await fill(lazy, request * 10)
            async with connected(daemon) as line:
                assert (await line.start())["seq"] == 0
                await line.events()
            while len(daemon.clients) > 0:
                await anyio.lowlevel.checkpoint()


async def test_a_last_line_without_its_newline_is_answered(socket):
    async with serving(socket) as daemon:
        for line_, answer in (
            (b'{"jsonrpc":"2.0","id":1,"method":"daemon.status"}', "result"),
            (b"garbage", "error"),
        ):
            async with connected(daemon) as line:
                await line.stream.send(line_)
                await line.stream.send_eof()
                assert answer in await line.receive()


async def test_a_clients_full_buffer_is_not_everybodys_wait(socket):
    request = b'{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n'
    async with (
        serving(socket) as daemon,
        connected(daemon) as greedy,
        connected(daemon) as modest,
    ):
        await greedy.stream.send(request * 60)
        await greedy.receive()
        assert (await modest.ask("daemon.status"))["state"] == "running"
        for _ in range(59):
            await greedy.receive()


async def test_one_client_too_many_is_told_to_come_back(socket):
    async with serving(socket) as daemon:
        daemon.max_clients = 1
        async with connected(daemon) as first:
            await first.ask("daemon.status")
            async with connected(daemon) as second:
                error = (await second.receive())["error"]
                assert error["data"]["kind"] == "overloaded"
                assert await second.at_end()
            assert (await first.ask("daemon.status"))["clients"] == 1


async def test_a_thousand_unknown_insurers_are_refused_in_one_short_line(socket):
    async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
        error = await line.ask("quote.start", application={}, insurers=["x" * 100] * 1000)
        assert error["data"]["kind"] == "invalid_params"
        assert len(json.dumps(error)) < 2000


async def test_two_hundred_clients_at_once(socket):
    async with serving(socket, a=Pretend(offer()), b=Pretend(offer())) as daemon:
        ends = []

        async def one():
            async with connected(daemon) as line:
                await line.start()
                ends.append((await line.events())[-1]["reason"])

        async with anyio.create_task_group() as tasks:
            for _ in range(200):
                tasks.start_soon(one)
        assert ends == ["complete"] * 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_a_request_or_an_rpc_error(line):
    with suppress(RpcError):
        decode_request(line)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ["hello", "quote.start", "quote.watch", "quote.get", "quote.list", "application.check"]
    ),
    st.dictionaries(
        st.sampled_from(["application", "quote_id", "limit", "insurers", "protocol", "deadline_s"]),
        json_values,
    ),
)
def test_any_parameters_get_an_answer_that_is_no_bug(socket, method, params):
    async def run():
        async with serving(socket, a=Pretend(offer())) as daemon, connected(daemon) as line:
            await line.send(method, **params)
            answer = await line.receive()
            assert answer.get("error", {}).get("data", {}).get("kind") != "internal"

    anyio.run(run)


async def test_waiting_lines_are_answered_some_at_a_turn_and_not_all(socket, monkeypatch):
    turn, answered_in = 0, []

    async def noted(*_):
        answered_in.append(turn)

    monkeypatch.setattr(session, "dispatch", noted)
    async with serving(socket) as daemon, connected(daemon) as line:
        await line.stream.send(b'{"jsonrpc":"2.0","method":"hello"}\n' * 100)
        while len(answered_in) < 100:
            await anyio.lowlevel.checkpoint()
            turn += 1
    most = max(answered_in.count(each) for each in answered_in)
    assert 1 < most <= 2 * LINES_A_TURN  # the two tasks' turns may not be in step
