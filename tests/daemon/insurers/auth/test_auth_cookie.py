"""A session cookie: from a login, to the insurer's own server, as long as it is accepted."""

import httpx
import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.insurers.auth.cookie import set_cookies
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio

COOKIE = """
kind = "cookie"
path = "/enter"
secrets = { pw = "env:PASSWORD" }
form = { login = "'agent'", password = "secret.pw" }
cookie = "sid"
log_in_again = [302]
"""


@pytest.fixture
def cookies(server):
    """Logs in by a redirect, as sites do; refuses by another one."""
    said = ["sid=one; Path=/; HttpOnly; Secure; SameSite=Lax", "lang=ru", "gone=x; Max-Age=0"]
    valid = ["one"]

    @server.on("/enter")
    async def enter(_):
        response = web.Response(status=302, headers={"Location": "/home"})
        for line in said:
            response.headers.add("Set-Cookie", line)
        return response

    @server.on("/quotes")
    async def quotes(request):
        if request.cookies.get("sid") not in valid:
            return web.Response(status=302, headers={"Location": "/enter"})
        return web.json_response({"premium": 1})

    return said, valid


@pytest.mark.usefixtures("cookies")
async def test_a_session(house, server):
    sever = house(COOKIE)
    for _ in range(2):
        assert isinstance(await sever.quote(), Offer)
    assert server.asked == ["/enter", "/quotes", "/quotes"]
    assert server.requests[1].headers["Cookie"] == "sid=one; lang=ru"
    assert "Cookie" not in server.requests[0].headers


async def test_a_session_that_ended_is_begun_again(house, server, cookies):
    said, valid = cookies
    sever = house(COOKIE)
    await sever.quote()
    said[0], valid[0] = "sid=two", "two"
    assert isinstance(await sever.quote(), Offer)
    assert server.asked == ["/enter", "/quotes", "/quotes", "/enter", "/quotes"]


async def test_a_cookie_that_a_later_answer_sets_anew(house, server, cookies):
    _, valid = cookies
    accepted = server.answers["/quotes"]

    @server.on("/quotes")
    async def quotes(request):
        response = await accepted(request)
        valid[0] = f"{valid[0]}+"
        response.headers["Set-Cookie"] = f"sid={valid[0]}"
        return response

    sever = house(COOKIE)
    for _ in range(3):
        await sever.quote()
    seen = [r.cookies["sid"] for r in server.requests if r.path == "/quotes"]
    assert seen == ["one", "one+", "one++"]


async def test_a_cookie_ends_when_it_says(house, server, cookies, clock):
    said, _ = cookies
    said[0] = "sid=one; Max-Age=100"
    sever = house(COOKIE)
    await sever.quote()
    clock.after(91)
    await sever.quote()
    assert server.times("/enter") == 2


async def test_a_login_without_the_cookie(house, cookies):
    said, _ = cookies
    said[:] = ["lang=ru"]
    trouble = await house(COOKIE).trouble()
    assert trouble.kind is TroubleKind.AUTH
    assert trouble.message == "logging in: no such cookie in the answer"
    said.clear()
    assert "no cookie" in (await house(COOKIE).trouble()).message


def test_what_is_no_cookie():
    lines = ["a=1", "b", "=c", "d e=1", "f=я", "g=", "h=1; max-age=-5", 'i="q"; Max-Age=x']
    response = httpx.Response(200, headers=[("Set-Cookie", line.encode()) for line in lines])
    assert dict(set_cookies(response)) == {
        "a": ("1", None),
        "g": (None, None),
        "h": (None, -5.0),
        "i": ('"q"', None),
    }
