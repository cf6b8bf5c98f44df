"""WS-Security: a published vector, and a SOAP server of our own that checks what it is told."""

import base64
import hashlib
import tomllib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from pydantic import ValidationError

from osago_core.offer import Offer
from osago_daemon.config_problems import explain
from osago_daemon.insurers.auth import soap_problems
from osago_daemon.insurers.auth.ws_security import (
    UsernameToken,
    WsSecuritySession,
    new_nonce,
    password_digest,
)
from osago_daemon.insurers.keys import key_text
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.xml import write_xml
from osago_daemon.resilience.numbers import RetryNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

PAGE = Path(__file__).parents[4] / "docs/insurers.md"
SECRET = "s3cret-canary"  # of the house
AUTH = 'kind = "ws_security"\nusername = "агент & Ко"\npassword = "env:PASSWORD"\n'
TABLE = """
base_url = "{url}"
auth = {{ {auth} }}
[create]
path = "/soap"
repeatable = true
soap = "{soap}"
action = "urn:calc"
namespaces = {{ o = "urn:osago" }}
xml = {{ "o:Calc" = {{ "o:Vin" = "vehicle.vin" }} }}
[answer]
format = "xml"
premium = "body.CalcResponse.Premium"
error_message = "body.Fault.faultstring"
"""
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SE, U = f"{{{WSS}wssecurity-secext-1.0.xsd}}", f"{{{WSS}wssecurity-utility-1.0.xsd}}"
PROFILE = f"{WSS}username-token-profile-1.0"
NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
CREATED, EXPIRES = "2026-11-27T22:00:00.000Z", "2026-11-27T22:05:00.000Z"


def test_a_published_vector():
    """Of ONVIF's Application Programmer's Guide, 1.0, 6.1.1.3."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    digest = password_digest(nonce, "2010-09-16T07:50:45Z", "userpassword")
    assert digest == "tuOSpGlFlIXsozq4HFNeeGeFLEI="


def security(message, version=ENVELOPE):
    (block,) = ET.fromstring(message).find(f"{{{version}}}Header")
    assert block.tag == f"{SE}Security"
    assert block.get(f"{{{version}}}mustUnderstand") == "1"
    return block


def texts(token):
    names = (f"{SE}Username", f"{SE}Password", f"{SE}Nonce", f"{U}Created")
    assert [child.tag for child in token] == list(names)
    return [token.findtext(name) for name in names]


@pytest.mark.parametrize("digest", [True, False])
def test_the_header_says_who_and_when(digest):
    token = UsernameToken("a", SECRET, digest=digest)
    assert SECRET not in repr(token)
    moment = NOW.astimezone(timezone(timedelta(hours=3)))
    block = ET.fromstring(
        b"<e xmlns:soap='urn:s'>" + token.header(b"0123456789abcdef", moment) + b"</e>"
    )[0]
    stamp, user = block
    assert stamp.tag == f"{U}Timestamp"
    assert [(c.tag, c.text) for c in stamp] == [(f"{U}Created", CREATED), (f"{U}Expires", EXPIRES)]
    nonce = base64.b64encode(b"0123456789abcdef").decode()
    said = hashlib.sha1(b"0123456789abcdef" + CREATED.encode() + SECRET.encode()).digest()
    password = base64.b64encode(said).decode() if digest else SECRET
    assert texts(user) == ["a", password, nonce, CREATED]
    kind = "PasswordDigest" if digest else "PasswordText"
    assert user.find(f"{SE}Password").get("Type") == f"{PROFILE}#{kind}"
    encoding = user.find(f"{SE}Nonce").get("EncodingType")
    assert encoding == f"{WSS}soap-message-security-1.0#Base64Binary"


def visit(nonces, now=lambda: NOW):
    token = UsernameToken("a", SECRET, digest=True)
    session = WsSecuritySession(token, now, lambda: next(nonces))
    assert session.mask(f"no {SECRET}") == "no ***"
    return session.visit(None)


def test_each_attempt_has_a_time_and_a_nonce_of_its_own():
    times = iter([NOW, NOW + timedelta(seconds=90)])
    one = visit(iter([b"1" * 16, b"2" * 16]), lambda: next(times))
    message = write_xml({"A": {}}, namespaces={}, soap="1.1")
    request = httpx.Request("POST", "http://x", content=message)
    said = [texts(security(one.content(request))[1]) for _ in range(2)]
    assert [base64.b64decode(nonce) for _, _, nonce, _ in said] == [b"1" * 16, b"2" * 16]
    assert [created for *_, created in said] == [CREATED, "2026-11-27T22:01:30.000Z"]
    assert request.content == message
    assert len({new_nonce() for _ in range(100)}) == 100


def test_a_message_without_an_envelope_is_a_mistake_of_the_file():
    plain = httpx.Request("POST", "http://x", content=b"<A/>")
    with pytest.raises(Trouble, match="needs `soap`") as caught:
        visit(iter([b"1"])).content(plain)
    assert caught.value.kind is TroubleKind.MISCONFIGURED
    redirected = httpx.Request("GET", "http://x")
    assert visit(iter([b"1"])).content(redirected) is None


@pytest.fixture
def soap_server(server):
    """Knows the password, refuses a nonce that it has seen; busy the first time."""
    nonces = set()

    @server.on("/soap")
    async def soap(request):
        body = await request.read()
        assert request.headers["SOAPAction"] == '"urn:calc"'
        assert request.headers["Content-Length"] == str(len(body))
        username, password, nonce, created = texts(security(body)[1])
        seen = nonce in nonces
        nonces.add(nonce)
        said = base64.b64decode(nonce) + created.encode() + SECRET.encode()
        expected = base64.b64encode(hashlib.sha1(said).digest()).decode()
        if seen or username != "агент & Ко" or password not in {expected, SECRET}:
            return answer(f"<e:Fault><faultstring>{password}?</faultstring></e:Fault>", 500)
        if len(nonces) == 1:
            return web.Response(status=503)
        assert ET.fromstring(body).find(".//{urn:osago}Vin").text == "XTA219010L0000001"
        return answer("<CalcResponse xmlns='urn:o'><Premium>12345.67</Premium></CalcResponse>")

    return server


def answer(body, status=200):
    text = f"<e:Envelope xmlns:e='{ENVELOPE}'><e:Body>{body}</e:Body></e:Envelope>"
    return web.Response(text=text, status=status, content_type="text/xml")


def auth(kind="", password="env:PASSWORD"):
    table = tomllib.loads(AUTH.replace("env:PASSWORD", password) + kind)
    return ", ".join(f'{name} = "{value}"' for name, value in table.items())


@pytest.mark.parametrize("kind", ["", 'password_type = "digest"', 'password_type = "text"'])
@pytest.mark.anyio
async def test_a_soap_insurer_is_asked_again_with_a_new_nonce(house, soap_server, kind):
    table = TABLE.replace("{soap}", "1.1")
    offer = await house(auth(kind), table).quote()
    assert isinstance(offer, Offer)
    assert str(offer.premium) == "12345.67"
    assert soap_server.times("/soap") == 2


@pytest.mark.anyio
async def test_a_password_that_they_repeat_is_masked(house, soap_server):
    wrong = house(
        auth('password_type = "text"', "plain:wr0ng-canary"),
        TABLE.replace("{soap}", "1.1"),
        retry=RetryNumbers(attempts=1),
    )
    trouble = await wrong.trouble()
    assert trouble.message == "HTTP 500: ***?"
    assert soap_server.times("/soap") == 1


@pytest.fixture
def zapad(server, house):
    """The insurer of docs/insurers.md, at a server of ours."""
    text = PAGE.read_text(encoding="utf-8")
    example = text.split("### XML and SOAP")[1].split("```toml")[1].split("```")[0]
    example = example.replace("[insurers.zapad]\n", "").replace("insurers.zapad.", "")
    example = example.replace("https://soap.example.org/osago", server.url)
    example = example.replace("ZAPAD_PASSWORD", "PASSWORD")
    return house(table=example.replace("{", "{{").replace("}", "}}"))


@pytest.mark.anyio
async def test_the_example_of_the_documentation(server, zapad):
    asked = []

    @server.on("/Calculation.svc")
    async def calculate(request):
        asked.append((request.headers["SOAPAction"], ET.fromstring(await request.read())))
        return answer(
            "<c:CalculateResponse xmlns:c='urn:c'><c:Status>OK</c:Status>"
            "<c:Premium currency='RUB'>12345.67</c:Premium></c:CalculateResponse>"
        )

    offer = await zapad.quote()
    assert str(offer.premium) == "12345.67"
    ((action, root),) = asked
    assert action == '"urn:osago:Calculate"'
    assert [block.tag for block in root[0]] == [f"{SE}Security", "{urn:osago}RequestId"]
    (calc,) = root[1]
    assert calc.get("version") == "2.0"
    shown = ["Vehicle", "Driver", "Driver", "Unlimited"]
    assert [child.tag for child in calc] == [f"{{urn:osago}}{name}" for name in shown]
    assert [child.text for child in calc[1]] == ["Иван", "9900000001"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("wsse:FailedAuthentication", TroubleKind.AUTH),
        ("wsse:InvalidSecurity", TroubleKind.AUTH),
        ("Server.Busy", TroubleKind.THROTTLED),
        ("Server", TroubleKind.SERVER_ERROR),
    ],
)
async def test_a_fault_is_what_error_kinds_say(server, zapad, code, kind):
    @server.on("/Calculation.svc")
    async def refuse(_):
        return answer(
            f"<e:Fault><faultcode>{code}</faultcode><faultstring>нет</faultstring></e:Fault>", 500
        )

    trouble = await zapad.trouble()
    assert trouble.kind is kind
    assert "нет" in trouble.message
    if kind is TroubleKind.AUTH:
        assert server.times("/Calculation.svc") == 1


def test_a_user_name_that_no_message_can_carry():
    raw = tomllib.loads(TABLE.format(url="http://127.0.0.1:1", auth=auth(), soap="1.2"))
    raw["auth"]["username"] = "canary\x01"
    with pytest.raises(ValidationError) as caught:
        RestSpec.model_validate({"id": "sever", "name": "Север", **raw})
    assert [f"{key_text(key)}: {text}" for key, text in explain(caught.value, RestSpec)] == [
        "auth.username: has characters that XML can't carry"
    ]


def test_steps_that_are_not_soap_have_no_place_for_it():
    steps = [{"soap": "1.1"}, {"body": {}}, "x"]
    raw = {"auth": {"kind": "ws_security"}, "create": {}, "poll": {"soap": "1.2"}, "steps": steps}
    found = list(soap_problems(raw))
    assert [key_text(key) for key, _ in found] == ["create.soap", "steps[1].soap"]
    assert all("needs `soap`" in text for _, text in found)
    assert not list(soap_problems({**raw, "auth": {"kind": "basic"}}))
    assert not list(soap_problems({"auth": {"kind": "ws_security"}, "steps": 1, "create": None}))
    assert not list(soap_problems({"auth": 1}))
