"""Create with an idempotency key, then poll an offer."""

from unittest.mock import ANY
from uuid import UUID

import pytest

from tests.contract.house import application, differences, price, why
from tests.contract.server import THROTTLED, Says

pytestmark = pytest.mark.anyio

SHAPE = "assignment-two-endpoint"
CREATE, OFFER = "POST /applications", "GET /applications/a-1/offer"
ACCEPTED = Says(
    {"applicationId": "a-1", "status": "PROCESSING", "deadlineAt": "2026-01-10T10:01:00Z"}, 202
)
PROCESSING = Says({"applicationId": "a-1", "status": "processing"})
COMPLETED = Says(
    {
        "applicationId": "a-1",
        "companyId": "company1",
        "status": "completed",
        "premium": 15000,
        "conditions": {},
        "validUntil": "2026-01-11T10:00:00Z",
    }
)
EXCEPTIONS = {
    "applicationId": ("00000000-0000-0000-0000-000000000001", ANY),  # our key, another every time
}


@pytest.fixture
def insurer(server):
    server.on(CREATE, ACCEPTED)
    server.on(OFFER, PROCESSING, PROCESSING, COMPLETED)
    return server


async def test_an_offer_after_two_times_of_waiting(house, insurer, expected):
    answer = await house.answer()
    assert price(answer) == (15000, True)
    assert (answer["valid_until"], answer["offered_by"]) == ("2026-01-11T10:00:00Z", "company1")
    assert insurer.lines() == [CREATE, OFFER, OFFER, OFFER]
    sent = insurer.once(CREATE)
    assert differences(expected[CREATE], sent.body) == EXCEPTIONS
    key = sent.headers["idempotency-key"]
    assert sent.body["applicationId"] == key == str(UUID(key))


async def test_unlimited_drivers_and_the_least_experienced_of_several(house, insurer):
    await house.answer(application(drivers="unlimited"))
    assert insurer.once(CREATE).body["driver"] == {"license_number": None, "experience_years": None}
    raw = application().model_dump(mode="json")["drivers"][0]
    second = {**raw, "driving_since": "2020-06-01"}
    second["license"] = {"series": "9901", "number": "000002", "issue_date": "2020-06-01"}
    await house.answer(application(drivers=[second, raw]))
    sent = insurer.asked[-2].body["driver"]
    assert sent == {"license_number": "9901000002", "experience_years": 5}


async def test_a_refusal(house, insurer):
    insurer.on(OFFER, Says({"status": "rejected", "premium": 1, "reason": "Малый стаж"}))
    assert why(await house.answer()) == ("declined", "driver", "Малый стаж")


async def test_an_unknown_application_is_created_anew_by_the_next_quote(house, insurer):
    insurer.on(OFFER, Says({"error": "not_found"}, 404))
    assert why(await house.answer()) == ("failed", "rejected_request", "HTTP 404: not_found")
    insurer.on(OFFER, COMPLETED)
    assert price(await house.answer()) == (15000, True)
    assert insurer.lines() == [CREATE, OFFER] * 2


@pytest.mark.parametrize("line", [CREATE, OFFER])
async def test_throttled(house, insurer, line):
    now = Says({"error": "rate_limited"}, 429, {"Retry-After": "0"})
    insurer.on(line, now, now, ACCEPTED if line == CREATE else COMPLETED)
    answer = await house.answer()
    assert (price(answer), answer["attempts"]) == ((15000, True), 3)
    keys = {asked.headers["idempotency-key"] for asked in insurer.asked if asked.line == CREATE}
    assert len(keys) == 1


async def test_throttled_for_longer_than_anybody_waits(house, insurer):
    insurer.on(CREATE, THROTTLED)
    answer = await house.answer()
    assert why(answer) == ("failed", "throttled", "HTTP 429: rate_limited")
    assert answer["retry_at"].startswith("2026-01-10T11:00:0")
    assert insurer.lines() == [CREATE]


async def test_their_own_time_was_over(house, insurer):
    insurer.on(OFFER, Says({"status": "timeout", "error": "deadline"}))
    assert why(await house.answer()) == ("failed", "rejected_request", "deadline")
    assert insurer.lines() == [CREATE, OFFER]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says({"error": "who?"}, 401), "auth"),
        (Says({"error": "down"}, 500), "server_error"),
        (Says({"error": "vin"}, 400), "rejected_request"),
        (Says({"status": "PROCESSING"}, 202), "bad_answer"),  # no id to ask for
        (Says(b"<html>", 202), "bad_answer"),
    ],
)
async def test_what_goes_wrong_at_once(house, insurer, says, kind):
    insurer.on(CREATE, says)
    answer = await house.answer()
    assert (answer["type"], answer["kind"]) == ("failed", kind)
