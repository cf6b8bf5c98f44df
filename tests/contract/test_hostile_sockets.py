"""Servers that drip, fall silent, close, flood and send in circles, over real sockets."""

import gzip

import anyio
import pytest
from anyio.abc import SocketAttribute

from tests.contract.house import House, price

pytestmark = pytest.mark.anyio

TABLE = """
[insurers.hostile]
name = "Враг"
base_url = "{url}"
attempt_timeout_s = 0.3
retry = {{ attempts = 1 }}
transport = {{ max_body_bytes = 100000 }}

[insurers.hostile.create]
path = "/quotes"
body = {{ vin = "vehicle.vin" }}

[insurers.hostile.answer]
premium = "body.premium"
error_message = "body.message"
"""
GOOD = b'{"premium": 1}'


def http(body=GOOD, *headers, status=200, length=True):
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Wire:
    """A server of bytes: what it says to each connection is up to a test."""

    def __init__(self):
        self.url = ""
        self.heard = []
        self.talk = None
        self.sent = 0

    async def serve(self, stream):
        async with stream:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += await stream.receive()
                self.heard.append(head)
                await self.talk(self, stream)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
                pass

    async def send(self, stream, data):
        await stream.send(data)
        self.sent += len(data)


@pytest.fixture
async def wire():
    wire = Wire()
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, wire.serve)
        wire.url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"
        yield wire
        tasks.cancel_scope.cancel()


@pytest.fixture
async def answer(wire, tmp_path):
    """What is told when the server talks like this."""
    path = tmp_path / "insurers.toml"
    path.write_text(TABLE.format(url=wire.url), encoding="utf-8")

    async def answer_(talk):
        wire.talk = talk
        with anyio.fail_after(5):
            return await House(path, wire, {}).answer(deadline_s=3.0)

    return answer_


def saying(*pieces):
    async def talk(wire, stream):
        for piece in pieces:
            await wire.send(stream, piece)

    return talk


async def test_a_good_one_as_these_servers_speak(answer):
    assert price(await answer(saying(http()))) == (1, True)
    halves = [http()[i : i + 1] for i in range(len(http()))]
    assert price(await answer(saying(*halves))) == (1, True)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"HTTP/1.1 200",),
        (http()[:-5],),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9,),
        (b"SSH-2.0-OpenSSH\r\n",),
        (b"\r\n" * 100,),
        (b"HTTP/1.1 999999 X\r\n\r\n",),
        (b"HTTP/1.1 -200 X\r\n\r\n",),
        (http(b"", "Content-Length: -1", length=False),),
        (http(GOOD, "Content-Length: 5"),),
        (http(GOOD, "Transfer-Encoding: chunked", length=False),),
        (http(b"zz\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False),),
        (http(b"ffffffffffffffffff\r\n", "Transfer-Encoding: chunked", length=False),),
        (http(GOOD, "Content-Encoding: gzip"),),
        (http(GOOD, "Content-Encoding: br"),),
        (http(GOOD, "X: a\x00b"),),
        (http(GOOD, "X: " + "a" * 100_000),),
        (http(GOOD, *(f"X-{i}: a" for i in range(50_000))),),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,),
        (http() + http(b'{"premium": 2}'),),
        (http(b"", "Content-Length: 5", "Content-Length: 7", length=False) + b"12345",),
        (http(b'{"premium": 1', length=True),),
    ],
)
async def test_no_answer_at_all(answer, wire, pieces):
    told = await answer(saying(*pieces))
    assert (told["type"], told["kind"] in {"connection", "bad_answer"}) == ("failed", True), told
    assert len(wire.heard) == 1


async def forever(wire, stream, piece, every_s=0.0):
    while True:
        await wire.send(stream, piece)
        await anyio.sleep(every_s)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b""),  # silence
        (b"", b"H"),
        (b"HTTP/1.1 200 X\r\n", b"X: a\r\n"),
        (http(b"", "Content-Length: 99999", length=False), b" "),
        (http(b"", "Transfer-Encoding: chunked", length=False), b"1\r\n \r\n"),
        (http(b"", length=False), b" "),
    ],
)
async def test_whoever_drips_is_given_the_time_of_one_attempt(answer, wire, first, piece):
    async def talk(wire, stream):
        await wire.send(stream, first)
        await forever(wire, stream, piece, every_s=0.05)

    told = await answer(talk)
    assert (told["kind"] in {"timeout", "connection", "bad_answer"}, len(wire.heard)) == (True, 1)
    assert "premium" not in told


@pytest.mark.parametrize(
    "head",
    [
        http(b"", "Content-Length: 10000000000", length=False),
        http(b"", length=False),
        http(b"", "Transfer-Encoding: chunked", length=False),
        b"HTTP/1.1 200 X\r\nX: ",
    ],
)
async def test_a_flood_is_not_read(answer, wire, head):
    chunk = b"a" * 0x8000
    if b"chunked" in head:
        chunk = b"8000\r\n%b\r\n" % chunk

    async def talk(wire, stream):
        await wire.send(stream, head)
        await forever(wire, stream, chunk)

    told = await answer(talk)
    assert (told["type"], told["kind"]) == ("failed", "bad_answer")
    # What it sent beyond the bound went no further than the sockets' buffers.
    assert wire.sent < 30_000_000


async def test_a_small_answer_that_unpacks_to_a_large_one(answer):
    bomb = gzip.compress(b" " * 5_000_000)
    told = await answer(saying(http(bomb, "Content-Encoding: gzip")))
    assert (told["type"], told["kind"]) == ("failed", "bad_answer")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_sent_to_another_server(answer, status):
    others = []

    async def other(stream):
        others.append(await stream.receive())
        await stream.send(http())

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, other)
        port = listener.extra(SocketAttribute.local_port)
        for location in (f"http://127.0.0.1:{port}/quotes", f"//127.0.0.1:{port}/quotes"):
            told = await answer(saying(http(GOOD, f"Location: {location}", status=status)))
            assert (told["type"], told["kind"]) == ("failed", "bad_answer")
        tasks.cancel_scope.cancel()
    assert others == []


async def test_a_circle_is_left(answer, wire):
    told = await answer(saying(http(b"", "Location: /again", "Connection: close", status=303)))
    assert (told["kind"], told["message"]) == ("bad_answer", "more than 2 redirects")
    assert [head.split()[0] for head in wire.heard] == [b"POST", b"GET", b"GET"]
    assert not any(b"XTA" in head for head in wire.heard[1:])
