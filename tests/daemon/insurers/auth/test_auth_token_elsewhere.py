"""Tokens that stand in bodies and queries, and logins that speak SOAP."""

import re

import pytest
from aiohttp import web

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LOGIN = """
kind = "login"
path = "/login"
secrets = { password = "env:PASSWORD" }
xml."s:Login" = { "s:User" = "'agent'", "s:Password" = "secret.password" }
soap = "1.1"
action = "urn:login"
namespaces = { s = "urn:session" }
token = "body.LoginResult.Session"
header = ""
log_in_again_if = "body.Fault.faultcode == 'Expired'"
"""


def envelope(content, status=200):
    text = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{content}</e:Body></e:Envelope>'
    return web.Response(text=text, status=status, content_type="text/xml")


@pytest.fixture
def sessions(server):
    """An insurer whose login is an operation of its SOAP service; every session serves twice."""
    left = {}

    @server.on("/login")
    async def login(request):
        text = await request.text()
        assert request.headers["SOAPAction"] == '"urn:login"'
        assert "<s:User>agent</s:User><s:Password>s3cret-canary</s:Password>" in text
        session = f"session-{len(left) + 1}"
        left[session] = 2
        return envelope(
            f"<r:LoginResult xmlns:r='x'><r:Session>{session}</r:Session></r:LoginResult>"
        )

    @server.on("/quotes")
    async def quotes(request):
        assert "Authorization" not in request.headers
        text = await request.text()
        found = re.search(r"session-[0-9]+", text + str(request.url))
        if found is None or not left.get(found[0]):
            return envelope("<f:Fault xmlns:f='x'><faultcode>Expired</faultcode></f:Fault>", 500)
        left[found[0]] -= 1
        if "json" in request.headers["Content-Type"]:
            return web.json_response({"premium": 5000})
        return envelope("<Quote><Premium>5000</Premium></Quote>")

    return left


XML = """
base_url = "{url}"
[auth]
{auth}
[create]
path = "/quotes"
soap = "1.1"
repeatable = true
xml.Quote = {{ "@session" = "auth.token", Vin = "vehicle.vin" }}
[answer]
premium = "body.Quote.Premium"
"""
JSON = """
base_url = "{url}"
[auth]
{auth}
[create]
path = "/quotes"
query = {{ session = "auth.token" }}
body = {{ vin = "vehicle.vin" }}
[answer]
premium = "body.premium"
"""


@pytest.mark.parametrize("table", [XML, JSON], ids=["in the body", "in the query"])
async def test_the_token_goes_where_the_requests_say_it_and_is_renewed(
    house, server, sessions, table
):
    sever = house(LOGIN, table)
    assert all([isinstance(await sever.quote(), Offer) for _ in range(5)])
    # The third and the fifth were refused first, and went out again with the new session.
    assert server.asked.count("/login") == len(sessions) == 3
    assert server.asked.count("/quotes") == 7


async def test_a_login_that_gives_none(house, server):
    @server.on("/login")
    async def login(_):
        return envelope("<LoginResult/>")

    with pytest.raises(Trouble) as caught:
        await house(LOGIN, XML).quote()
    assert caught.value.kind is TroubleKind.AUTH
    assert server.asked == ["/login"]


async def test_a_login_may_want_a_number_of_its_own_each_time(house, server):
    seen = []

    @server.on("/login")
    async def login(request):
        seen.append(await request.json())
        return web.json_response({"token": f"token-{server.times('/login')}"})

    auth = """
    kind = "login"
    path = "/login"
    body = { id = "attempt.id", at = "attempt.now" }
    token = "body.token"
    """
    sever = house(auth)
    await sever.quote()
    server.asked.append("/login")  # somebody else's
    await sever.quote()
    first, second = seen
    assert first["id"] != second["id"]
    assert first["at"] == "2026-11-28T01:00:00+03:00"
