"""Logins that are refused in words instead of by a status: told once, and not tried again."""

from urllib.parse import quote_plus

import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio
SECRET = "s3cret-canary"

READ = """
refused_if = "body.code == 'WRONG_PASSWORD'"
error_message = "body.text"
"""
JSON = f"""
kind = "login"
path = "/login"
secrets = {{ password = "env:PASSWORD" }}
body = {{ password = "secret.password" }}
token = "body.token"
{READ}
"""
COOKIE = f"""
kind = "cookie"
path = "/login"
secrets = {{ password = "env:PASSWORD" }}
form = {{ password = "secret.password" }}
{READ}
"""
SOAP = """
kind = "login"
path = "/login"
secrets = { password = "env:PASSWORD" }
xml.Login = { Password = "secret.password" }
soap = "1.1"
token = "body.LoginResult.Session"
header = ""
refused_if = "body.Fault.faultcode == 's:WrongPassword'"
error_message = "body.Fault.faultstring"
"""
FAULT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
    f"<faultcode>s:WrongPassword</faultcode><faultstring>Not {SECRET}, agent</faultstring>"
    "</e:Fault></e:Body></e:Envelope>"
)
REFUSAL = {"code": "WRONG_PASSWORD", "text": f"Not {SECRET}, agent"}


def answering(server, answer):
    """The login answers this; the tests' own answer is what it was before."""
    before = server.answers["/login"]

    @server.on("/login")
    async def login(_):
        return answer()

    return before


def in_json(status, body=REFUSAL):
    return lambda: web.json_response(body, status=status)


def in_xml(status, content_type="text/xml"):
    return lambda: web.Response(text=FAULT, status=status, content_type=content_type)


@pytest.mark.parametrize(
    ("auth", "answer"),
    [
        (JSON, in_json(200)),
        (JSON, in_json(500)),
        (JSON, in_json(503)),
        (JSON, in_json(200, {**REFUSAL, "token": "token-1"})),
        (COOKIE, in_json(200)),
        (COOKIE, in_json(500)),
        (SOAP, in_xml(200)),
        (SOAP, in_xml(500)),
        (SOAP, in_xml(500, "text/plain")),
    ],
)
async def test_a_refusal_in_words_is_final_for_a_while(house, server, clock, auth, answer):
    answering(server, answer)
    sever = house(auth)
    for _ in range(3):
        trouble = await sever.trouble()
        assert (trouble.kind, trouble.message) == (
            TroubleKind.AUTH,
            "logging in: Not ***, agent",
        )
    clock.after(29)
    await sever.trouble()
    assert server.asked == ["/login"]
    clock.after(1)
    await sever.trouble()
    assert server.asked == ["/login", "/login"]


async def test_after_the_pause_a_better_answer_is_good(house, server, clock):
    accepted = answering(server, in_json(500))
    sever = house(JSON)
    await sever.trouble()
    server.answers["/login"] = accepted
    clock.after(30)
    server.asked.clear()
    assert isinstance(await sever.quote(), Offer)


async def test_a_redirect_that_refuses(house, server):
    def back():
        headers = {"Location": "/login?error=1", "Set-Cookie": "sid=1"}
        return web.Response(status=302, headers=headers)

    answering(server, back)
    refused_if = "refused_if = \"contains(headers.location, 'error')\""
    trouble = await house('kind = "cookie"\npath = "/login"\n' + refused_if).trouble()
    assert trouble.message == "logging in: they refuse who we are"
    assert server.asked == ["/login"]


@pytest.mark.parametrize("refused_if", ["upper(body.code)", "body.other", "`false`"])
async def test_what_is_no_refusal_is_tried_again(house, server, refused_if):
    answering(server, in_json(500, {"code": 1, "text": "busy"}))
    auth = JSON.replace("body.code == 'WRONG_PASSWORD'", refused_if)
    trouble = await house(auth, retry={"attempts": 2}).trouble()
    assert trouble.message == "logging in: HTTP 500: busy"
    assert server.asked == ["/login"] * 2


@pytest.mark.parametrize("body", [{"text": "closed at night"}, {"text": None}, {"text": {}}, 5])
async def test_a_good_answer_without_a_token_is_not_asked_for_again_at_once(
    house, server, clock, body
):
    accepted = answering(server, in_json(200, body))
    sever = house(JSON)
    said = (
        ": closed at night" if isinstance(body, dict) and body["text"] == "closed at night" else ""
    )
    for _ in range(3):
        assert (await sever.trouble()).message == f"logging in: no token in the answer{said}"
    assert server.asked == ["/login"]
    server.answers["/login"] = accepted
    clock.after(30)
    server.asked.clear()
    assert isinstance(await sever.quote(), Offer)


async def test_words_are_cut_and_without_what_was_sent_or_given(house, server):
    told = f"{quote_plus(SECRET)} s3cret+t%2Fken the-token " + "x" * 500
    answering(server, in_json(200, {"token": "the-token", "expires_in": 0, "text": told}))
    auth = JSON + 'expires_in = "body.expires_in"\nsecrets.more = "plain:s3cret t/ken"'
    auth = auth.replace(
        'secrets = { password = "env:PASSWORD" }', 'secrets.password = "env:PASSWORD"'
    )
    message = (await house(auth).trouble()).message
    words = message.removeprefix("logging in: a token that has run out already: ")
    assert words.startswith("*** *** *** xxx")
    assert (len(words), words[-1]) == (200, "…")


async def test_cookies_of_a_refused_login_are_masked(house, server):
    def answer():
        response = web.json_response({**REFUSAL, "text": "no session for sid-12345"})
        response.headers["Set-Cookie"] = "sid=sid-12345"
        return response

    answering(server, answer)
    assert (await house(COOKIE).trouble()).message == "logging in: no session for ***"
