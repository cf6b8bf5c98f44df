"""The ten insurers of the shipped file, composed as the daemon composes them, canned answers."""

import base64
import json
from datetime import date
from urllib.parse import parse_qs

import httpx
import pytest

from osago_core.application import Valid, check
from osago_core.offer import Declined, Offer
from osago_core.paths import shipped
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.transport import Transport
from osago_daemon.insurers.xml import read_xml
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.settings import load
from tests.daemon.insurers.conftest import OneCall

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("insurers_are_mocked", "no_network"),
]

SETTINGS = load(shipped("insurers.toml"), environ={})
INSURERS = {insurer.id: insurer for insurer in SETTINGS.insurers}
BASE = "http://127.0.0.1:8787"


def basic(pair):
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


CREATED = {
    "sever": "/sever/applications",
    "kedr": "/kedr/api/v2/calc",
    "snegir": "/snegir/v1/quotes",
    "barsuk": "/barsuk/quote?api_key=sandbox-barsuk",
    "yantar": "/yantar/wapi/osago/calculation",
    "verst": "/verst/Osago/Calculate",
    "omut": "/omut/osago/calculate",
    "trakt": "/trakt/zayavki",
    "lukomor": "/lukomor/rest/calculations",
    "filin": "/filin/quote",
}
BEFORE = {
    "lukomor": {"json": {"token": "a-token", "expires_in": 5}},
    "omut": {"status_code": 201, "json": {"vehicle_id": "v-1"}},
    "trakt": {
        "status_code": 401,
        "headers": {"WWW-Authenticate": 'Digest realm="r", qop="auth", algorithm=MD5, nonce="n"'},
    },
}
"""What is answered to the request that comes before the application's."""
AUTH_HEADERS = {
    "sever": {"authorization": "Bearer sandbox-sever"},
    "kedr": {"authorization": basic("partner:sandbox-kedr")},
    "snegir": {"x-api-key": "sandbox-snegir"},
    "yantar": {"authorization": "Bearer sandbox-yantar"},
    "omut": {"x-partner-key": "sandbox-omut"},
    "lukomor": {"x-auth-token": "a-token"},
}
CONTENT_TYPE = {
    "verst": "text/xml; charset=utf-8",
    "filin": "application/x-www-form-urlencoded",
}
KEY_IN_HEADER = {
    **dict.fromkeys(["sever", "snegir", "yantar", "omut", "lukomor", "filin"], "idempotency-key"),
    "barsuk": "x-request-id",
}
KEY_IN_BODY = {"verst": "RequestId"}
STEPS = {"omut": 2}
"""Of those that tell who wants to know what: the polls aside, and one elsewhere."""
ABSENT = {
    "owner.address.fias",
    "owner.inn",
    "policyholder.inn",
    "vehicle.body_number",
    "vehicle.chassis_number",
    "vehicle.max_mass_kg",
    "vehicle.seats",
}
"""What the example leaves out, so that null is what an insurer is to be told."""


@pytest.fixture
def insurers_are_mocked(httpx_mock, monkeypatch):
    """Real transports, whose requests end at canned answers."""

    async def handle(self, request):
        return await httpx_mock._handle_async_request(self, request)

    monkeypatch.setattr(Transport, "handle_async_request", handle)


@pytest.fixture
def no_network(monkeypatch):
    """A connection, if anybody wanted one, would be a failure."""

    def refuse(_):
        pytest.fail("a test wanted to connect")

    monkeypatch.setattr(Transport, "_open_connector", refuse)


@pytest.fixture
def quote(call):
    """Ask one insurer about the first example."""
    text = (shipped("examples") / "application.json").read_text(encoding="utf-8")
    checked = check(json.loads(text), today=date(2026, 11, 28))
    assert isinstance(checked, Valid)
    call.application = checked.application.normal_form()

    async def quote_(insurer_id):
        insurer = INSURERS[insurer_id]
        async with Transport(insurer.transport) as transport:
            return await insurer.adapter(transport).quote(call)

    return quote_


@pytest.fixture
def call(application):
    """Logs in where that helps, as the policies do."""

    class Call(OneCall):
        async def attempt(self, send, *, log_in=None, **how):
            try:
                return await super().attempt(send, **how)
            except Trouble as trouble:
                if trouble.kind is not TroubleKind.AUTH or log_in is None:
                    raise
            await log_in()
            return await send()

        async def log_in(self, send):
            return await send()

    return Call(application)


@pytest.fixture
async def created(quote, httpx_mock):
    """The request that an insurer is sent the application with; it refuses to look at it."""

    async def created_(insurer_id):
        before = [BEFORE[insurer_id]] if insurer_id in BEFORE else []
        for answer in before:
            httpx_mock.add_response(**answer)
        httpx_mock.add_response(status_code=400)
        with pytest.raises(Trouble) as caught:
            await quote(insurer_id)
        assert caught.value.kind is TroubleKind.REJECTED
        *earlier, request = httpx_mock.get_requests()
        assert len(earlier) == len(before)
        return request

    return created_


def content_of(request):
    """What a request says, as JSON would have it."""
    match request.headers["content-type"].split(";")[0]:
        case "application/json":
            return json.loads(request.content)
        case "text/xml":
            return read_xml(request.content)
        case _:
            fields = parse_qs(request.content.decode(), keep_blank_values=True)
            return {name: v[0] if len(v) == 1 else v for name, v in fields.items()}


def table_of(step):
    """The table that the content of a step is made of."""
    document = step.body or step.xml
    return step.form if document is None else document.root


def nulls(step, table, body):
    """The expressions of a step that gave null, of a table and the body made of it."""
    if body is None:
        yield table.text
    elif isinstance(table, Expression):
        assert "null" not in json.dumps(body), table.text
    else:
        for name, child in table.items():
            if step.body is None:  # forms and XML leave null out; XML is read without prefixes
                yield from nulls(step, child, body.get(name.rpartition(":")[2]))
            else:
                yield from nulls(step, child, body[name])


def test_these_are_all():
    assert set(CREATED) == set(INSURERS)
    assert len(INSURERS) == 10


@pytest.mark.parametrize("insurer_id", CREATED)
async def test_where_the_application_goes_and_as_whom(created, insurer_id):
    request = await created(insurer_id)
    assert (request.method, str(request.url)) == ("POST", BASE + CREATED[insurer_id])
    found = {
        name: value
        for name, value in request.headers.items()
        if name in {"authorization", "x-api-key", "x-partner-key", "x-auth-token"}
    }
    if insurer_id == "trakt":
        assert found.pop("authorization").startswith('Digest username="agent", realm="r", ')
    assert found == AUTH_HEADERS.get(insurer_id, {})
    assert request.headers["content-type"] == CONTENT_TYPE.get(insurer_id, "application/json")


@pytest.mark.parametrize("insurer_id", CREATED)
async def test_the_idempotency_key_is_where_it_belongs_and_nowhere_else(created, call, insurer_id):
    request = await created(insurer_id)
    headers = {name for name, value in request.headers.items() if value == call.idempotency_key}
    assert headers == ({KEY_IN_HEADER[insurer_id]} if insurer_id in KEY_IN_HEADER else set())
    content = content_of(request)
    content = content.get("CalculateRequest", content)
    body = {n for n, v in content.items() if v == call.idempotency_key}
    assert body == ({KEY_IN_BODY[insurer_id]} if insurer_id in KEY_IN_BODY else set())
    repeatable = insurer_id in {**KEY_IN_HEADER, **KEY_IN_BODY}
    assert call.repeatable == [repeatable] * STEPS.get(insurer_id, 1)


@pytest.mark.parametrize("insurer_id", CREATED)
async def test_the_body_is_null_only_where_the_application_has_nothing(
    created, httpx_mock, insurer_id
):
    await created(insurer_id)
    steps = [step.spec for step in INSURERS[insurer_id].spec.flow if step.name != "poll"]
    bodies = [content_of(request) for request in httpx_mock.get_requests()[-len(steps) :]]
    for step, body in zip(steps, bodies, strict=True):
        assert set(nulls(step, table_of(step), body)) <= ABSENT
    text = json.dumps(bodies, ensure_ascii=False)
    assert "XTA219010L0000001" in text
    assert "None" not in text


async def test_an_envelope_says_who_we_are_without_the_password(created):
    request = await created("verst")
    assert request.headers["soapaction"] == '"urn:verst:osago:v2#Calculate"'
    assert b"<wsse:Username>partner</wsse:Username>" in request.content
    assert b"#PasswordDigest" in request.content
    assert b"sandbox-verst" not in request.content


async def test_the_calculation_names_the_vehicle_that_was_sent_ahead(created, call, httpx_mock):
    request = await created("omut")
    vehicle, _ = httpx_mock.get_requests()
    assert str(vehicle.url) == f"{BASE}/omut/osago/vehicles"
    assert vehicle.headers["idempotency-key"] == call.idempotency_key
    assert list(json.loads(vehicle.content)) == ["vehicle"]
    told = json.loads(request.content)
    assert (told["vehicle_id"], "vehicle" in told) == ("v-1", False)


@pytest.mark.parametrize("insurer_id", [i for i, s in INSURERS.items() if len(s.spec.flow) == 1])
async def test_an_answer_in_one_step(quote, httpx_mock, insurer_id):
    answers = {
        "kedr": {"result": True, "premium": "12345.67"},
        "barsuk": {"data": {"attributes": {"state": "CALCULATED", "price": 12346}}},
        "filin": {"decision": "approve", "premium_rub": 12345.67},
    }
    if insurer_id == "verst":
        httpx_mock.add_response(
            content=b"""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<R:CalculateResponse xmlns:R="r"><R:Result Status="Ok"><R:Price Currency="RUB">12345.67</R:Price>
</R:Result></R:CalculateResponse></e:Body></e:Envelope>"""
        )
    else:
        httpx_mock.add_response(json=answers[insurer_id])
    offer = await quote(insurer_id)
    assert isinstance(offer, Offer)
    assert round(offer.premium) == 12346


async def test_a_poll_carries_the_same_auth_and_no_body(quote, httpx_mock, call):
    offer = f"{BASE}/sever/applications/a-1/offer"
    httpx_mock.add_response(
        method="POST", status_code=202, json={"applicationId": "a-1", "status": "processing"}
    )
    httpx_mock.add_response(method="GET", url=offer, json={"status": "processing"})
    httpx_mock.add_response(method="GET", url=offer, json={"status": "rejected", "reason": "КБМ"})
    assert await quote("sever") == Declined(reason="claims", message="КБМ")
    _, *polls = httpx_mock.get_requests()
    for poll in polls:
        assert poll.headers["authorization"] == "Bearer sandbox-sever"
        assert poll.content == b""
    assert len(call.hints) == 2


async def test_an_unreachable_insurer(quote, httpx_mock):
    httpx_mock.add_exception(httpx.ConnectError("refused"))
    with pytest.raises(Trouble) as caught:
        await quote("filin")
    assert caught.value.kind is TroubleKind.CONNECT
