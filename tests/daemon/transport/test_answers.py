"""What goes out is what was asked for; what comes back is whole, unpacked and of bounded size."""

import gzip
import zlib

import httpx
import pytest

from osago_daemon.insurers.responses import AnswerTooLarge
from osago_daemon.insurers.transport import Transport

pytestmark = pytest.mark.anyio

LIMIT = 10_000


def answer(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body]
    return b"\r\n".join(lines)


def packed(body: bytes) -> bytes:
    return answer(body, b"Content-Encoding: gzip")


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*filter(None, chunks), b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


async def ask(transport: Transport, url: str, method: str = "POST") -> httpx.Response:
    return await transport.handle_async_request(httpx.Request(method, url, json={"vin": "XTA"}))


async def test_request_arrives_as_it_was_built(serve, answering, transport_with):
    server = await serve(answering())
    headers = {"Idempotency-Key": "k1", "X-Имя".encode(): "Иван".encode(), "Accept": "text/xml"}
    request = httpx.Request(
        "PUT", f"{server.url}/%2F?q=a%20b+c&d=ё#part", headers=headers, json=[1]
    )
    await transport_with().handle_async_request(request)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert first == b"PUT /applications/%2F?q=a%20b+c&d=%D1%91 HTTP/1.1"
    assert body == b"[1]"
    sent = dict(line.split(b": ", 1) for line in lines)
    assert sent.pop(b"User-Agent").startswith(b"osago/")
    assert sent == {
        b"Host": f"127.0.0.1:{server.port}".encode(),
        b"Idempotency-Key": b"k1",
        "X-Имя".encode(): "Иван".encode(),
        b"Accept": b"text/xml",
        b"Content-Length": b"3",
        b"Content-Type": b"application/json",
        b"Accept-Encoding": b"gzip",
    }


async def test_request_without_a_body_gets_no_content_type(serve, answering, transport_with):
    server = await serve(answering())
    await transport_with().handle_async_request(httpx.Request("POST", server.url))
    head = server.requests[0].lower()
    assert b"content-type" not in head
    assert b"content-length: 0" in head


async def test_same_request_may_be_sent_again(serve, answering, transport_with):
    server, transport = await serve(answering()), transport_with()
    request = httpx.Request("POST", server.url, json={"vin": "XTA"})
    for _ in range(2):
        await transport.handle_async_request(request)
    request.headers["Authorization"] = "Bearer new"
    await transport.handle_async_request(request)
    first, second, third = server.requests
    assert first == second
    assert b"Authorization" not in second
    assert b"\r\nAuthorization: Bearer new\r\n" in third


async def test_request_of_unknown_length_is_sent_with_its_length(serve, answering, transport_with):
    async def parts():
        yield b"half"
        yield b"half"

    server = await serve(answering())
    await transport_with().handle_async_request(httpx.Request("POST", server.url, content=parts()))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert (b"\r\nContent-Length: 8" in head, body) == (True, b"halfhalf")


async def test_response_is_read_and_complete(serve, answering, transport_with):
    server = await serve(answering(answer(b'{"premium": 1}', b"X-A: 1", b"X-A: 2")))
    response = await ask(transport_with(), server.url)
    assert response.is_closed
    assert response.json() == {"premium": 1}
    assert await response.aread() == response.content == b'{"premium": 1}'
    assert response.headers.get_list("x-a") == ["1", "2"]
    assert response.request.url == server.url


async def test_response_passes_through_a_client(serve, answering, transport_with):
    server = await serve(answering())
    async with httpx.AsyncClient(transport=transport_with()) as client:
        response = await client.get(server.url)
        assert response.text == "ok"
        async with client.stream("GET", server.url) as streamed:
            assert [chunk async for chunk in streamed.aiter_bytes()] == [b"ok"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_returned_not_followed(serve, answering, transport_with, status):
    redirect = b"HTTP/1.1 %d Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    server = await serve(answering(redirect))
    response = await ask(transport_with(), server.url)
    assert (response.status_code, response.headers["location"]) == (status, "/elsewhere")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
        ("POST", b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"),
        ("POST", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("POST", b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n"),
    ],
)
async def test_answer_without_a_body(serve, answering, transport_with, method, raw):
    server = await serve(answering(raw))
    response = await ask(transport_with(), server.url, method)
    assert (response.status_code, response.content) == (int(raw.split()[1]), b"")


async def test_interim_answers_are_skipped(serve, answering, transport_with):
    early = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    server = await serve(answering(early + answer(b"done")))
    assert (await ask(transport_with(), server.url)).text == "done"


async def test_body_of_unknown_length_ends_with_the_connection(serve, transport_with):
    async def old_fashioned(peer):
        await peer.request()
        await peer.write(b"HTTP/1.0 200 OK\r\n\r\nhello")

    server = await serve(old_fashioned)
    assert (await ask(transport_with(), server.url)).text == "hello"


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * LIMIT])
@pytest.mark.parametrize("wrap", [answer, chunked, lambda body: packed(gzip.compress(body))])
async def test_up_to_the_limit_everything_arrives(serve, answering, transport_with, body, wrap):
    server = await serve(answering(wrap(body)))
    response = await ask(transport_with(max_body_bytes=LIMIT), server.url)
    assert response.content == body
    assert "content-encoding" not in response.headers or not body


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"x" * (LIMIT + 1)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        chunked(b"x" * LIMIT, b"x"),
        packed(gzip.compress(b"x" * (LIMIT + 1))),
        packed(gzip.compress(bytes(50_000_000), compresslevel=1)),
    ],
    ids=["body", "declared", "chunked", "unpacked", "bomb"],
)
async def test_beyond_the_limit_nothing_is_read(serve, answering, transport_with, raw):
    server = await serve(answering(raw))
    with pytest.raises(AnswerTooLarge):
        await ask(transport_with(max_body_bytes=LIMIT), server.url)


@pytest.mark.parametrize(
    "start", [b"Connection: close\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_endless_body_is_cut_off(serve, transport_with, start):
    async def never_ends(peer):
        await peer.request()
        await peer.write(b"HTTP/1.1 200 OK\r\n" + start)
        while not peer.writer.is_closing():
            await peer.write(b"400\r\n" + b"x" * 0x400 + b"\r\n")

    server = await serve(never_ends)
    with pytest.raises(AnswerTooLarge):
        await ask(transport_with(), server.url)
    await server.until_nobody_is_connected()


@pytest.mark.parametrize(
    "raw",
    [
        packed(b"{}"),
        packed(gzip.compress(b"{}")[:-1]),
        packed(gzip.compress(b"{}") + b"rest"),
        packed(zlib.compress(b"{}")),
        answer(b"{}", b"Content-Encoding: br"),
        answer(b"{}", b"Content-Encoding: gzip, gzip"),
    ],
    ids=["plain", "cut", "longer", "deflate", "brotli", "twice"],
)
async def test_what_cannot_be_unpacked_is_a_decoding_error(serve, answering, transport_with, raw):
    server = await serve(answering(raw))
    with pytest.raises(httpx.DecodingError) as caught:
        await ask(transport_with(), server.url)
    assert not isinstance(caught.value, AnswerTooLarge)
