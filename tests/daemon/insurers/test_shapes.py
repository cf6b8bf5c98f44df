"""API shapes seen in the wild, described in TOML alone. All values are made up."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

TWO_ENDPOINTS = """
[create]
path = "/applications"
headers = { Idempotency-Key = "call.key" }
keep = { id = "body.applicationId" }

[create.body]
applicationId = "call.key"
vehicle.vin = "vehicle.vin"
vehicle.license_plate = "vehicle.plate"
vehicle.engine_power = "vehicle.power_hp"
driver.license_number = "concat([drivers[0].license.series, drivers[0].license.number])"
driver.experience_years = "full_years(drivers[0].driving_since, call.today)"

[poll]
path = "/applications/{id}/offer"

[answer]
state = "body.status"
states = { pending = ["processing"], offer = ["completed"], declined = ["rejected"] }
premium = "body.premium"
valid_until = "body.validUntil"
error_message = "body.error"
"""

MANY_OFFERS = """
[create]
path = "/osago/calculate"
keep = { request_id = "body.request_id" }

[create.body]
product_type = "'osago'"
request_id = "call.key"
policy_start_date = "format_date(period.start_date, 'YYYY-MM-DDT00:00:00Z')"
vehicle.vin = "vehicle.vin"
vehicle.body_number = "vehicle.body_number || ''"
vehicle.brand.name = "vehicle.brand"
drivers_info.is_unlimited_drivers = "drivers == 'unlimited'"
drivers_info.drivers = "drivers[].{birth_date: birth_date, license: license}"
owner.contact.phone = "digits(owner.phone)"

[poll]
path = "/osago/calculate"
query = { request_id = "kept.request_id" }

[answer]
state = "body.offers[0].status || body.status || 'accepted'"
premium = '''sum([
  body.offers[0].price,
  body.offers[0].upsales[?is_required].options[] | [?is_default].price
][])'''
coefficients.kt = "body.drivers[0].coefficients.kt"
coefficients.kbm = "max(body.drivers[].coefficients.kbm)"
base_rate = "body.drivers[0].coefficients.tb"
payment_url = "body.offers[0].payment_url"
insurer_quote_id = "body.offers[0].offer_id"
decline_message = "body.offers[0].message"
decline_reasons = { "(?i)адрес" = "owner" }
error_message = "join('; ', body.properties[].message) || body.message"

[answer.states]
pending = ["accepted", "PARTNER_CALCULATION_IN_PROGRESS", "PRE_CALC_IN_PROGRESS"]
preliminary = ["PRE_CALC_READY"]
offer = ["APPROVED", "PAYMENT_READY"]
declined = ["REJECTED"]
error = ["OFFER_ERROR", "CALCULATION_ERROR"]
"""


def answering(*answers):
    """Answer `(status, body)` in turn, keeping the requests."""
    left, requests = list(answers), []

    def handler(request):
        requests.append(request)
        status, body = left.pop(0)
        return httpx.Response(
            status, json=body, headers={"Retry-After": "2"} if status == 429 else {}
        )

    handler.requests = requests
    return handler


async def test_create_and_poll_with_numbers(adapter, call):
    insurer = answering(
        (
            202,
            {"applicationId": "a-1", "status": "PROCESSING", "deadlineAt": "2026-01-10T10:01:00Z"},
        ),
        (200, {"applicationId": "a-1", "status": "processing"}),
        (
            200,
            {
                "applicationId": "a-1",
                "companyId": "company1",
                "status": "completed",
                "premium": 15000,
                "conditions": {},
                "validUntil": "2026-01-11T10:00:00Z",
            },
        ),
    )
    assert await adapter(TWO_ENDPOINTS, insurer).quote(call) == Offer(
        premium=Decimal(15000), valid_until=datetime(2026, 1, 11, 10, tzinfo=UTC)
    )
    create, *polls = insurer.requests
    assert json.loads(create.content) == {
        "applicationId": "key-1",
        "vehicle": {"vin": "XTA219010L0000001", "license_plate": "А123ВС77", "engine_power": 87},
        "driver": {"license_number": "9900000001", "experience_years": 21},
    }
    assert [str(r.url) for r in polls] == ["http://127.0.0.1:8787/sever/applications/a-1/offer"] * 2
    assert len(call.hints) == 2


async def test_create_and_poll_throttled(adapter, call):
    with pytest.raises(Trouble, match="rate_limited") as caught:
        await adapter(TWO_ENDPOINTS, answering((429, {"error": "rate_limited"}))).quote(call)
    assert (caught.value.kind, caught.value.retry_after_s) == (TroubleKind.THROTTLED, 2)


ACCEPTED = (200, {"request_id": "r-1", "calculation_date": "2026-01-10T10:00:00Z"})
IN_PROGRESS = (
    200,
    {"request_id": "r-1", "status": "PARTNER_CALCULATION_IN_PROGRESS", "offers": []},
)
DRIVERS = [{"coefficients": {"tb": 8665, "kt": 1.8, "kbm": 0.46}}, {"coefficients": {"kbm": 1.17}}]


async def test_many_offers_read_as_the_first_with_its_required_extras(adapter, call):
    offer = {
        "offer_id": "o-1",
        "price": 12345.5,
        "status": "PRE_CALC_READY",
        "payment_url": "https://pay.example.org/x",
        "message": None,
        "upsales": [
            {"is_required": True, "options": [{"is_default": True, "price": 1480}, {"price": 1}]},
            {"is_required": False, "options": [{"is_default": True, "price": 500}]},
        ],
    }
    ready = {"status": "CALCULATION_READY", "offers": [offer], "drivers": DRIVERS}
    insurer = answering(ACCEPTED, IN_PROGRESS, (200, ready))
    assert await adapter(MANY_OFFERS, insurer).quote(call) == Offer(
        premium=Decimal("13825.50"),
        final=False,
        base_rate=Decimal(8665),
        coefficients={"kt": Decimal("1.8"), "kbm": Decimal("1.17")},
        payment_url="https://pay.example.org/x",
        insurer_quote_id="o-1",
    )
    create, *polls = insurer.requests
    assert json.loads(create.content) == {
        "product_type": "osago",
        "request_id": "key-1",
        "policy_start_date": "2026-12-01T00:00:00Z",
        "vehicle": {"vin": "XTA219010L0000001", "body_number": "", "brand": {"name": "LADA"}},
        "drivers_info": {
            "is_unlimited_drivers": False,
            "drivers": [
                {"birth_date": "1985-02-01", "license": {"series": "9900", "number": "000001"}},
                {"birth_date": "1990-03-05", "license": {"series": "9901", "number": "000002"}},
            ],
        },
        "owner": {"contact": {"phone": "79990000001"}},
    }
    assert {str(r.url) for r in polls} == {
        "http://127.0.0.1:8787/sever/osago/calculate?request_id=r-1"
    }


async def test_many_offers_refused_beside_a_price(adapter, call):
    refused = {"price": 9999, "status": "REJECTED", "message": "Требуется действительный адрес"}
    insurer = answering(ACCEPTED, (200, {"status": "CALCULATION_READY", "offers": [refused]}))
    assert await adapter(MANY_OFFERS, insurer).quote(call) == Declined(
        reason=DeclineReason.OWNER, message="Требуется действительный адрес"
    )


async def test_many_offers_rejected_request(adapter, call):
    body = {
        "message": "bad request",
        "properties": [{"property": "vehicle.vin", "message": "invalid"}],
    }
    with pytest.raises(Trouble) as caught:
        await adapter(MANY_OFFERS, answering((400, body))).quote(call)
    assert (caught.value.kind, caught.value.message) == (TroubleKind.REJECTED, "HTTP 400: invalid")


async def test_an_unlimited_list_of_drivers(adapter, call, application):
    call.application = {**application, "drivers": "unlimited"}
    insurer = answering((500, {}))
    with pytest.raises(Trouble):
        await adapter(MANY_OFFERS, insurer).quote(call)
    sent = json.loads(insurer.requests[0].content)
    assert sent["drivers_info"] == {"is_unlimited_drivers": True, "drivers": None}


async def test_a_calculation_that_declines_by_http_409_and_counts_in_kopecks(adapter, call):
    table = """
    create.path = "/calc"
    answer.state = "status == `409` && 'no' || to_string(body.result)"
    answer.states = { offer = ["true"], declined = ["no", "false"] }
    answer.premium = "body.sum"
    answer.money = "kopecks"
    answer.decline_message = "body.text"
    """
    offer = await adapter(table, answering((200, {"result": True, "sum": 1234567}))).quote(call)
    assert offer == Offer(premium=Decimal("12345.67"))
    for refusal in ((409, {"text": "Нет"}), (200, {"result": False, "sum": 1, "text": "Нет"})):
        declined = await adapter(table, answering(refusal)).quote(call)
        assert declined == Declined(reason=DeclineReason.OTHER, message="Нет")
