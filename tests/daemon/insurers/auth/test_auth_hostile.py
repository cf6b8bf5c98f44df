"""Logins that go wrong: one trouble for all who wait, nothing secret in it."""

import logging

import anyio
import pytest
import structlog
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio
SECRET = "s3cret-canary"


async def _troubles(times, quote):
    found = []

    async def one():
        with pytest.raises(Trouble) as caught:
            await quote()
        found.append(caught.value)

    async with anyio.create_task_group() as tasks:
        for _ in range(times):
            tasks.start_soon(one)
    return found


async def test_a_login_that_hangs_fails_once_for_all_who_wait(house, server):
    over = anyio.Event()

    @server.on("/login")
    async def login(_):
        await over.wait()
        return web.Response()

    try:
        troubles = await _troubles(20, house(attempt_timeout_s=0.2, retry={"attempts": 1}).quote)
    finally:
        over.set()
    assert {(t.kind, t.message) for t in troubles} == {
        (TroubleKind.AUTH, "logging in: nothing within 0.2 s")
    }
    assert len({id(t) for t in troubles}) == 20
    assert server.asked == ["/login"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"text": "<html>s3cret-canary"}, "no token in the answer"),
        ({"text": '{"token": "a'}, "no token in the answer"),
        ({"text": '{"token": null}'}, "no token in the answer"),
        ({"text": '{"token": 17}'}, "what should be the token is none"),
        ({"text": '{"token": ""}'}, "what should be the token is none"),
        ({"text": '{"token": "a\\r\\nX-Evil: 1"}'}, "what should be the token is none"),
        ({"text": '{"token": "\\ud800"}'}, "what should be the token is none"),
        ({"text": '{"token": "a", "expires_in": 0}'}, "a token that has run out already"),
        ({"text": '{"token": "a", "expires_in": -1e300}'}, "a token that has run out already"),
        ({"text": "[" * 2000}, "no token in the answer"),
        ({"text": '{"token": "' + "a" * 5000 + '"}'}, "the answer is too large or can't"),
        ({"status": 401, "text": "s3cret-canary"}, "HTTP 401"),
        ({"status": 400, "text": "s3cret-canary"}, "HTTP 400"),
        ({"status": 302, "headers": {"Location": "/quotes"}}, "HTTP 302"),
        ({"status": 307, "headers": {"Location": "http://evil.example/"}}, "HTTP 307"),
    ],
)
async def test_a_login_that_answers_junk(house, server, answer, message):
    @server.on("/login")
    async def login(_):
        return web.Response(**answer)

    trouble = await house().trouble()
    assert trouble.kind is TroubleKind.AUTH
    assert trouble.message.startswith(f"logging in: {message}")
    assert SECRET not in str(trouble)
    assert trouble.__cause__ is None
    assert server.asked == ["/login"]


async def test_an_end_beyond_all_bounds_is_a_month(house, server, clock):
    @server.on("/login")
    async def login(_):
        body = {"token": f"token-{server.times('/login')}", "expires_in": 1e300}
        return web.json_response(body)

    sever = house()
    await sever.quote()
    clock.after(29 * 86_400)
    await sever.quote()
    assert server.times("/login") == 1


async def test_a_refused_login_is_not_repeated_for_a_while(house, server, clock):
    accepted = server.answers["/login"]

    @server.on("/login")
    async def login(_):
        return web.Response(status=401)

    sever = house()
    assert len(await _troubles(50, sever.quote)) == 50
    clock.after(29)
    assert (await sever.trouble()).message == "logging in: HTTP 401"
    assert server.asked == ["/login"]
    clock.after(1)
    server.answers["/login"] = accepted
    assert isinstance(await sever.quote(), Offer)


async def test_a_login_that_could_not_be_reached_is_tried_by_the_next_call(house, server):
    accepted = server.answers["/login"]

    @server.on("/login")
    async def login(_):
        return web.Response(status=503)

    sever = house(retry={"attempts": 1})
    assert (await sever.trouble()).message == "logging in: HTTP 503"
    server.answers["/login"] = accepted
    assert isinstance(await sever.quote(), Offer)


async def test_a_login_that_fails_in_the_middle_leaves_no_doubt_about_the_create(house, server):
    sever = house(retry={"attempts": 2})
    await sever.quote()
    server.asked.append("/login")

    @server.on("/login")
    async def login(_):
        return web.Response(status=502)

    trouble = await sever.trouble()
    assert (trouble.kind, trouble.message) == (TroubleKind.AUTH, "logging in: HTTP 502")


async def test_an_old_token_serves_on_where_its_renewal_fails_early(house, server, clock):
    sever = house(retry={"attempts": 1})
    await sever.quote()

    @server.on("/login")
    async def login(_):
        server.asked.remove("/login")
        return web.Response(status=500)

    clock.after(580)
    assert isinstance(await sever.quote(), Offer)
    clock.after(20)
    assert (await sever.trouble()).kind is TroubleKind.AUTH


AUTHS = {
    "api_key": 'kind = "api_key"\nname = "k"\nvalue = "env:PASSWORD"\nin = "query"',
    "basic": 'kind = "basic"\nusername = "agent"\npassword = "env:PASSWORD"',
    "digest": 'kind = "digest"\nusername = "agent"\npassword = "env:PASSWORD"',
    "oauth2": """kind = "oauth2"\npath = "/login"\nclient_id = "agent"
        client_secret = "env:PASSWORD"\ncredentials = "body" """,
    "cookie": """kind = "cookie"\npath = "/login"\nsecrets.p = "env:PASSWORD"
        form.p = "secret.p" """,
    "login": """kind = "login"\npath = "/login"\nsecrets.p = "env:PASSWORD"
        query.p = "secret.p"\nmethod = "GET"\ntoken = "body.access_token" """,
}


@pytest.mark.parametrize("kind", AUTHS)
@pytest.mark.parametrize("status", [400, 401, 500, 200])
async def test_no_secret_shows_anywhere(house, server, caplog, kind, status):
    caplog.set_level(logging.DEBUG)

    @server.on("/login")
    async def login(_):
        response = web.json_response({"access_token": f"{SECRET}-2", "token_type": "Bearer"})
        response.headers["Set-Cookie"] = f"sid={SECRET}-3; Path=/"
        return response

    @server.on("/quotes")
    async def quotes(request):
        said = f"{request.rel_url} {dict(request.headers)} {SECRET} {SECRET}-2 {SECRET}-3"
        body = {"message": said, "premium": said}
        challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}
        return web.json_response(body, status=status, headers=challenge)

    sever = house(AUTHS[kind], retry={"attempts": 2})
    with structlog.testing.capture_logs() as logs:
        trouble = await sever.trouble()
    session = sever.adapter._session
    shown = (
        str(trouble),
        repr(trouble),
        repr((sever.adapter, vars(sever.adapter), session, vars(session))),
        logs,
        caplog.text,
        sever.calls[0].heard,
    )
    assert "canary" not in repr(shown)
    assert trouble.__cause__ is None
