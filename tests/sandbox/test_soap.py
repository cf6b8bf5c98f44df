"""verst: SOAP 1.1 and WS-Security, spoken by hand."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_sandbox.asked import Asked
from osago_sandbox.auth import WsSecurity
from osago_sandbox.clock import Clock
from osago_sandbox.form import Misfilled
from osago_sandbox.insurers.verst import INSURER
from osago_sandbox.soap import Soap
from tests.sandbox.by_hand import (
    SOAP_HEADERS,
    ask_verst,
    calculate,
    envelope,
    texts,
    username_token,
)

pytestmark = pytest.mark.anyio


def fault_of(status, content):
    assert status == 500
    assert content.tag.endswith("}Fault")
    return texts(content)


async def test_an_offer_has_texts_and_attributes_of_two_namespaces(http):
    status, content = await ask_verst(http, envelope(calculate(), username_token()))
    assert status == 200
    assert content.tag == "{urn:verst:osago:v2}CalculateResponse"
    (result,) = content
    assert result.attrib["Status"] == "Ok"
    price = result.find("{urn:verst:types:v1}Price")
    assert price.attrib == {"Currency": "RUB"}
    assert float(price.text) > 1000
    assert result.find("{urn:verst:osago:v2}PaymentUrl").text.startswith("https://")


async def test_a_refusal_is_a_fault_that_its_detail_tells_from_an_error(http):
    message = envelope(calculate(use_months=3), username_token())
    told = fault_of(*await ask_verst(http, message))
    assert told["faultcode"] == "soap:Server"
    assert (told["Code"], "Refusal" in told, "Error" in told) == ("UNDERWRITING", True, False)
    assert told["Text"] == "Период использования менее 6 месяцев не страхуем"


async def test_what_is_wrong_with_a_request_is_the_clients_fault(http):
    message = envelope(calculate().replace("2020", "nie"), username_token())
    status, content = await ask_verst(http, message)
    told = fault_of(status, content)
    assert (told["faultcode"], told["Code"]) == ("soap:Client", "INVALID")
    (problem,) = content.iter("{urn:verst:types:v1}Problem")
    assert (problem.attrib, problem.text) == ({"Path": "o:Car.t:Year"}, "must be a number")


@pytest.mark.parametrize(
    "swapped", [{"main": "urn:verst:osago:v1"}, {"types": "urn:verst:osago:v2"}]
)
async def test_an_element_of_another_namespace_is_another_element(http, swapped):
    message = envelope(calculate(), username_token(), **swapped)
    assert fault_of(*await ask_verst(http, message))["faultcode"] == "soap:Client"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "<s:Security xmlns:s='urn:other'/>",
        username_token(username="someone"),
        username_token(password="wrong"),
        username_token(kind="PasswordText"),
        username_token(nonce=b""),
        username_token(created="yesterday"),
        username_token(created="2026-01-01T00:00:00Z"),
        username_token(created="2106-01-01T00:00:00Z"),
        username_token().replace("</s:Nonce>", "*</s:Nonce>"),
        username_token().replace("u:Created>", "s:Created>"),
    ],
)
async def test_a_refused_login_is_a_fault_of_its_own(http, token):
    told = fault_of(*await ask_verst(http, envelope(calculate(), token)))
    assert told["faultcode"] == "wsse:FailedAuthentication"
    assert "Error" in told


async def test_a_nonce_opened_twice(http):
    message = envelope(calculate(), username_token())
    assert (await ask_verst(http, message))[0] == 200
    assert fault_of(*await ask_verst(http, message))["faultcode"] == "wsse:FailedAuthentication"
    other = envelope(calculate(), username_token(nonce=b"another"))
    assert (await ask_verst(http, other))[0] == 200


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def guard_at(now):
    return WsSecurity(username="partner", password="sandbox-verst").guard(
        "", Clock(monotonic_s=lambda: 0.0, now=lambda: now[0])
    )


def shown(created, nonce=b"n"):
    token = username_token(created=created.strftime("%Y-%m-%dT%H:%M:%SZ"), nonce=nonce)
    return Asked("POST", "/", {}, {}, envelope("", token))


@pytest.mark.parametrize(("age_s", "opens"), [(300, True), (301, False), (-60, True), (-61, False)])
def test_a_token_is_good_for_five_minutes(age_s, opens):
    refused = guard_at([NOON]).check(shown(NOON - timedelta(seconds=age_s)))
    assert (refused is None) == opens


def test_nonces_are_remembered_as_long_as_their_tokens_are_fresh():
    now = [NOON]
    guard = guard_at(now)
    ahead = NOON + timedelta(seconds=60)
    assert guard.check(shown(ahead)) is None
    now[0] = NOON + timedelta(seconds=360)
    assert guard.check(shown(ahead)) is not None
    now[0] = NOON + timedelta(seconds=361)
    assert guard.check(shown(now[0], b"other")) is None
    assert len(guard._seen) == 1


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        (SOAP_HEADERS | {"Content-Type": "application/soap+xml"}, "Content-Type"),
        (SOAP_HEADERS | {"SOAPAction": '"urn:other"'}, "SOAPAction"),
        ({"Content-Type": "text/xml"}, "SOAPAction"),
    ],
)
async def test_soap_1_1_has_headers_of_its_own(http, headers, named):
    status, content = await ask_verst(http, envelope(calculate(), username_token()), headers)
    assert fault_of(status, content)["faultcode"] == "soap:Client"
    assert [p.attrib["Path"] for p in content.iter("{urn:verst:types:v1}Problem")] == [named]


DTD = '<!DOCTYPE e [<!ENTITY x "y">]>'


@pytest.mark.parametrize(
    "message", [b"", b"{}", b"<a/>", b"\xff\xfe", b"<?xml version='1.0' encoding='nie'?><a/>"]
)
async def test_what_is_no_message_says_nothing_of_who_sends_it(http, message):
    assert fault_of(*await ask_verst(http, message))["faultcode"] == "wsse:FailedAuthentication"


async def test_a_document_type_is_not_read(http):
    message = envelope(calculate(), username_token(), before=DTD)
    assert fault_of(*await ask_verst(http, message))["faultcode"] == "wsse:FailedAuthentication"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<a:Other/>",
        "<a:CalculateRequest/>",
        calculate() * 2,
        calculate().replace("<b:Seats/>", "<b:Year/>"),
        f"<a:CalculateRequest>{'<a:x>' * 500}{'</a:x>' * 500}</a:CalculateRequest>",
    ],
)
async def test_messages_that_are_none(http, content):
    message = envelope(content, username_token())  # with a token of now
    assert fault_of(*await ask_verst(http, message))["faultcode"] == "soap:Client"


def test_words_are_escaped_however_strange():
    hostile = "<a b='\"'>&amp;]]>"
    written = Soap(namespaces={"o": 'urn:<&">'}, request="", action="").write(
        {"o:A": {"@b": hostile, "#text": hostile, "c": [hostile, None]}}
    )
    ((element,),) = ET.fromstring(written)
    assert element.tag == '{urn:<&">}A'
    assert (element.get("b"), element.text) == (hostile, hostile)
    assert [child.text for child in element] == [hostile, None]


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(body):
    asked = Asked("POST", "/", SOAP_HEADERS, {}, body)
    with pytest.raises(Misfilled):
        INSURER.api.codec.read(asked)
