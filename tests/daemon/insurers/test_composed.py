"""The ten insurers of the shipped file, composed as the daemon composes them, canned answers."""

import base64
import json
from datetime import date

import httpx
import pytest

from osago_core.application import Valid, check
from osago_core.offer import Declined, Offer
from osago_core.paths import shipped
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.transport import Transport
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.settings import load

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
AUTH_HEADERS = {
    "sever": {"authorization": "Bearer sandbox-sever"},
    "kedr": {"authorization": basic("partner:sandbox-kedr")},
    "snegir": {"x-api-key": "sandbox-snegir"},
    "yantar": {"authorization": "Bearer sandbox-yantar"},
    "omut": {"x-partner-key": "sandbox-omut"},
    "trakt": {"authorization": basic("agent:sandbox-trakt")},
    "lukomor": {"x-auth-token": "sandbox-lukomor"},
}
KEY_IN_HEADER = {
    **dict.fromkeys(["sever", "snegir", "yantar", "omut", "lukomor", "filin"], "idempotency-key"),
    "barsuk": "x-request-id",
}
KEY_IN_BODY = {"verst": "RequestId"}
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
async def created(quote, httpx_mock):
    """The request that an insurer is sent first; it refuses to look at it."""

    async def created_(insurer_id):
        httpx_mock.add_response(status_code=400)
        with pytest.raises(Trouble) as caught:
            await quote(insurer_id)
        assert caught.value.kind is TroubleKind.REJECTED
        (request,) = httpx_mock.get_requests()
        return request

    return created_


def nulls(table, body):
    """The expressions that gave null, of a table and the body made of it."""
    if body is None:
        yield table.text
    elif isinstance(table, Expression):
        assert "null" not in json.dumps(body), table.text
    else:
        for name, child in table.items():
            yield from nulls(child, body[name])


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
    assert found == AUTH_HEADERS.get(insurer_id, {})
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("insurer_id", CREATED)
async def test_the_idempotency_key_is_where_it_belongs_and_nowhere_else(created, call, insurer_id):
    request = await created(insurer_id)
    headers = {name for name, value in request.headers.items() if value == call.idempotency_key}
    assert headers == ({KEY_IN_HEADER[insurer_id]} if insurer_id in KEY_IN_HEADER else set())
    body = {n for n, v in json.loads(request.content).items() if v == call.idempotency_key}
    assert body == ({KEY_IN_BODY[insurer_id]} if insurer_id in KEY_IN_BODY else set())
    assert call.repeatable == [insurer_id in {**KEY_IN_HEADER, **KEY_IN_BODY}]


@pytest.mark.parametrize("insurer_id", CREATED)
async def test_the_body_is_null_only_where_the_application_has_nothing(created, insurer_id):
    body = json.loads((await created(insurer_id)).content)
    table = INSURERS[insurer_id].spec.create.body.root
    assert set(nulls(table, body)) <= ABSENT
    text = json.dumps(body, ensure_ascii=False)
    assert "XTA219010L0000001" in text
    assert "None" not in text


@pytest.mark.parametrize("insurer_id", [i for i, s in INSURERS.items() if s.spec.poll is None])
async def test_an_answer_in_one_step(quote, httpx_mock, insurer_id):
    answers = {
        "kedr": {"result": True, "premium": "12345.67"},
        "barsuk": {"data": {"attributes": {"state": "CALCULATED", "price": 12346}}},
        "verst": {"Result": {"Status": "Ok", "Price": 12345.67}},
        "filin": {"decision": "approve", "premium_rub": 12345.67},
    }
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
