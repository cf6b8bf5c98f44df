"""README's insurer in thirty lines, against a server that does what its page says."""

import json
import re
from pathlib import Path

import pytest
from aiohttp import web

from osago_daemon.insurers.transport import Transport
from osago_daemon.settings import load
from tests.support.desk import another_application, desk_of, ended

pytestmark = pytest.mark.anyio

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TABLE = re.search(r"^```toml\n(\[insurers\.zarya\]\n.*?)^```", README, re.DOTALL | re.MULTILINE)[1]


def test_it_is_thirty_lines():
    assert len(TABLE.splitlines()) == 30


class Zarya:
    """Its API, as README tells it."""

    def __init__(self):
        self.asked = []
        self.tokens = set()
        self.results = []
        self.application = None

    async def token(self, request):
        assert await request.json() == {"login": "agent-17", "password": "s3cret"}
        self.tokens.add("t-1")
        return web.json_response({"token": "t-1"})

    async def create(self, request):
        self.application = await self._body(request)
        return web.json_response({"number": 5001}, status=201)

    async def result(self, request):
        await self._body(request)
        assert request.match_info["number"] == "5001"
        return web.json_response(self.results.pop(0))

    async def _body(self, request):
        self.asked.append(f"{request.method} {request.path}")
        if request.headers.get("X-Token") not in self.tokens:
            raise web.HTTPUnauthorized
        text = await request.text()
        return json.loads(text) if text else None


@pytest.fixture
async def zarya():
    found = Zarya()
    app = web.Application()
    app.add_routes(
        [
            web.post("/agent/token", found.token),
            web.post("/agent/calculations", found.create),
            web.get("/agent/calculations/{number}", found.result),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


async def asked(zarya, tmp_path):
    """What comes of one quote."""
    path = tmp_path / "insurers.toml"
    here = f"http://127.0.0.1:{zarya.port}/agent"
    path.write_text(TABLE.replace("https://api.zarya.example/agent", here), encoding="utf-8")
    (settings,) = load(path, environ={"ZARYA_PASSWORD": "s3cret"}).insurers
    async with Transport(settings.transport) as transport:
        adapter = settings.adapter(transport)
        adapter.every_s = 0.1
        async with desk_of(zarya=adapter) as desk:
            run = desk.start(
                another_application(), insurers=["zarya"], deadline_s=20.0, cache="use"
            )
            events = await ended(run)
    return next(e for e in events if e["type"] in {"offer", "declined", "failed"})


CAR = {"vin": "XTA219010L0000001", "kw": 63.99}
WHOLE_WAY = ["POST /agent/calculations", "GET /agent/calculations/5001"]


async def test_an_offer_after_a_while(zarya, tmp_path):
    zarya.results += [{"state": 1}, {"state": 2, "sum": 1234567}]
    offer = await asked(zarya, tmp_path)
    assert (offer["type"], offer["premium"]) == ("offer", 12345.67)
    assert zarya.asked == [*WHOLE_WAY, WHOLE_WAY[1]]
    assert zarya.application["car"] == CAR
    assert re.fullmatch(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", zarya.application["from"])
    assert zarya.application["drivers"] == [{"born": "01.02.1985", "kbm": "13"}]


async def test_a_token_that_is_none_any_more(zarya, tmp_path):
    zarya.results += [{"state": 2, "sum": 100}]

    body = zarya._body

    async def forgetting(request):
        answer = await body(request)
        if len(zarya.asked) == 1:
            zarya.tokens.clear()
        return answer

    zarya._body = forgetting
    assert (await asked(zarya, tmp_path))["premium"] == 1
    # The poll that was refused is sent again after a new login; the application is not.
    assert zarya.asked.count(WHOLE_WAY[0]) == 1


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"state": 3, "note": "Возраст", "sum": 5}, ("declined", "other", "Возраст")),
        ({"error": {"code": 17, "text": "VIN"}}, ("failed", "rejected_request", "VIN")),
        ({"state": 9}, ("failed", "bad_answer", "state: a word that answer.states does not list")),
    ],
)
async def test_what_else_its_page_says(zarya, tmp_path, result, expected):
    zarya.results += [result]
    event = await asked(zarya, tmp_path)
    assert (event["type"], event.get("reason") or event["kind"], event["message"]) == expected


async def test_it_is_asked_more_slowly_when_it_says_so(zarya, tmp_path):
    zarya.results += [{"error": {"code": 4, "text": "slow"}}, {"state": 2, "sum": 100}]
    assert (await asked(zarya, tmp_path))["type"] == "offer"
