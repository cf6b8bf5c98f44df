"""The adapter over our own transport and a real server on this machine."""

import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.transport import Transport, TransportOptions
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

TABLE = """
base_url = "{url}/api"
auth = {{ kind = "api_key", name = "key", value = "plain:sandbox", in = "query" }}
[create]
path = "/applications"
headers = {{ Idempotency-Key = "call.key" }}
body = {{ vin = "vehicle.vin", plate = "vehicle.plate" }}
keep = {{ link = "headers.location" }}
[poll]
path = "{{link}}"
[answer]
state = "body.status"
states = {{ pending = ["wait"], offer = ["ok"], declined = ["no"] }}
premium = "body.price"
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serve():
    """Start a server with these routes; gives its address."""
    runners = []

    async def serve_(**routes: Handler) -> str:
        app = web.Application()
        app.router.add_post("/api/applications", routes["create"])
        if "poll" in routes:
            app.router.add_get("/offers/{id}", routes["poll"])
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    yield serve_
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def quote(adapter, call):
    """Ask the insurer at this address."""

    async def quote_(url: str):
        async with Transport(TransportOptions(max_body_bytes=4096)) as transport:
            return await adapter(TABLE.format(url=url), transport).quote(call)

    return quote_


async def test_create_follow_the_link_decide(serve, quote, call):
    seen = []

    async def create(request):
        seen.append((request.headers["Idempotency-Key"], dict(request.query), await request.json()))
        return web.Response(status=202, headers={"Location": "/offers/17", "Retry-After": "0.5"})

    async def poll(request):
        seen.append((request.match_info["id"], dict(request.query)))
        polled = len(seen) > 2
        return web.json_response(
            {"status": "ok", "price": "9 876,50"} if polled else {"status": "wait"}
        )

    offer = await quote(await serve(create=create, poll=poll))
    assert isinstance(offer, Offer)
    assert str(offer.premium) == "9876.50"
    assert seen == [
        ("key-1", {"key": "sandbox"}, {"vin": "XTA219010L0000001", "plate": "А123ВС77"}),
        *[("17", {"key": "sandbox"})] * 2,
    ]
    assert len(call.hints) == 2


async def test_a_decline_as_http_409(serve, quote):
    async def create(_):
        return web.json_response({"status": "no"}, status=409)

    assert isinstance(await quote(await serve(create=create)), Declined)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (web.HTTPFound("https://evil.example/"), TroubleKind.BAD_ANSWER),
        (web.HTTPUnauthorized(), TroubleKind.AUTH),
        (web.HTTPTooManyRequests(headers={"Retry-After": "2"}), TroubleKind.THROTTLED),
        (web.HTTPBadGateway(), TroubleKind.SERVER_ERROR),
        (web.HTTPNotFound(), TroubleKind.GONE),
    ],
)
async def test_statuses(serve, quote, answer, kind):
    async def create(_):
        return web.Response(
            status=answer.status, headers={k: v for k, v in answer.headers.items() if "-" in k}
        )

    with pytest.raises(Trouble) as caught:
        await quote(await serve(create=create))
    assert caught.value.kind is kind


async def test_an_answer_without_end(serve, quote):
    async def create(_):
        return web.Response(body=json.dumps({"status": "ok", "price": 1, "x": "x" * 5000}).encode())

    with pytest.raises(Trouble) as caught:
        await quote(await serve(create=create))
    assert caught.value.kind is TroubleKind.BAD_ANSWER


async def test_closed_without_an_answer(serve, quote):
    async def create(request):
        await request.read()
        request.transport.close()
        return web.Response()

    with pytest.raises(Trouble) as caught:
        await quote(await serve(create=create))
    assert caught.value.kind is TroubleKind.RESET


async def test_nobody_there(quote, unused_port):
    with pytest.raises(Trouble) as caught:
        await quote(f"http://127.0.0.1:{unused_port}")
    assert caught.value.kind is TroubleKind.CONNECT


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as taken:  # bound but not listening, so nobody else gets it
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
