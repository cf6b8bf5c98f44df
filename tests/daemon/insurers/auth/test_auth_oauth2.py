"""OAuth2 without a person: by client, by password, by refresh token."""

import base64

import anyio
import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio

CLIENT = """
kind = "oauth2"
path = "/token"
client_id = "osago 1"
client_secret = "env:PASSWORD"
scope = "quotes"
params = { audience = "osago" }
"""
PASSWORD = """
kind = "oauth2"
path = "/token"
grant = "password"
client_id = "plain:osago"
username = "Агент"
password = "env:PASSWORD"
"""


@pytest.fixture
async def tokens(server):
    """Gives out tokens; what it was asked for, and what it answers beside them."""
    forms, more = [], {"expires_in": 300}

    @server.on("/token")
    async def token(request):
        forms.append((request.headers.get("Authorization"), dict(await request.post())))
        server.asked.append("/login")
        answer = {"access_token": f"token-{server.times('/login')}", "token_type": "bearer"}
        return web.json_response({**answer, **more})

    return forms, more


async def test_client_credentials_in_basic(house, tokens):
    forms, _ = tokens
    assert isinstance(await house(CLIENT).quote(), Offer)
    pair = base64.b64encode(b"osago+1:s3cret-canary").decode()
    form = {"grant_type": "client_credentials", "scope": "quotes", "audience": "osago"}
    assert forms == [(f"Basic {pair}", form)]


async def test_client_credentials_in_the_body(house, tokens):
    forms, _ = tokens
    await house(f'{CLIENT}credentials = "body"').quote()
    ((authorization, form),) = forms
    assert authorization is None
    assert (form["client_id"], form["client_secret"]) == ("osago 1", "s3cret-canary")


async def test_password_without_a_client_secret(house, tokens):
    forms, _ = tokens
    assert isinstance(await house(PASSWORD).quote(), Offer)
    who = {"username": "Агент", "password": "s3cret-canary", "client_id": "osago"}
    assert forms == [(None, {"grant_type": "password", **who})]


async def test_a_hundred_calls_share_one_token_until_it_ends(house, tokens, clock):
    forms, _ = tokens
    sever = house(CLIENT)
    for logins in (1, 2):
        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(sever.quote)
        assert len(forms) == logins
        clock.after(270)


async def test_a_refresh_token_is_used_and_replaced(house, tokens, clock):
    forms, more = tokens
    more["refresh_token"] = "again-1"
    sever = house(PASSWORD)
    await sever.quote()
    more["refresh_token"] = "again-2"
    for _ in range(2):
        clock.after(300)
        await sever.quote()
    del more["refresh_token"]
    clock.after(300)
    await sever.quote()
    clock.after(300)
    await sever.quote()  # none came with the last answer: the old one stays
    refreshed = [form.get("refresh_token") for _, form in forms]
    assert refreshed == [None, "again-1", "again-2", "again-2", "again-2"]
    assert all(form["client_id"] == "osago" for _, form in forms)


async def test_a_refused_refresh_token_leads_back_to_the_grant(house, server, tokens, clock):
    forms, more = tokens
    more["refresh_token"] = "again"
    sever = house(CLIENT)
    await sever.quote()
    accepted = server.answers["/token"]

    @server.on("/token")
    async def token(request):
        if (await request.post())["grant_type"] == "refresh_token":
            return web.json_response({"error": "invalid_grant"}, status=400)
        return await accepted(request)

    clock.after(300)
    assert isinstance(await sever.quote(), Offer)
    assert [form["grant_type"] for _, form in forms] == ["client_credentials"] * 2
    assert server.asked.count("/token") == 3


async def test_the_file_says_how_long_where_the_answer_does_not(house, tokens, clock):
    forms, more = tokens
    del more["expires_in"]
    sever = house(f"{CLIENT}expires_in_s = 100")
    await sever.quote()
    clock.after(90)
    await sever.quote()
    assert len(forms) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([], "the answer is no JSON object"),
        ({}, "no token in the answer"),
        ({"access_token": {}}, "what should be the token is none"),
        ({"access_token": "a", "token_type": "mac"}, "a token of a type that is not Bearer"),
        ({"access_token": "a", "token_type": 1}, "a token of a type that is not Bearer"),
        ({"access_token": "a", "expires_in": 0}, "a token that has run out already"),
    ],
)
async def test_junk(house, server, answer, message):
    @server.on("/token")
    async def token(_):
        return web.json_response(answer)

    trouble = await house(CLIENT).trouble()
    assert (trouble.kind, trouble.message) == (TroubleKind.AUTH, f"logging in: {message}")
