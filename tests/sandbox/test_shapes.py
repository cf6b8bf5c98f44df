"""What the answers look like on the wire, one insurer's habit at a time."""

import json
import re

import pytest

from tests.sandbox.ask import application

pytestmark = pytest.mark.anyio


async def test_sever_answers_202_then_a_number(ask):
    await ask("sever")
    created, polled = ask.wire.exchanges
    assert (created.status, created.body["status"]) == (202, "processing")
    assert polled.path == f"/sever/applications/{created.body['applicationId']}/offer"
    assert polled.body["status"] == "completed"
    assert re.fullmatch(r"\d+\.\d+", polled.body["premium"])  # a number: the test reads it as text


async def test_kedr_answers_at_once_and_declines_with_http_200(ask):
    await ask("kedr")
    assert ask.last.body["result"] is True
    assert re.fullmatch(r"\d+\.\d\d", ask.last.body["premium"])
    await ask("kedr", application(vehicle__year=1999))
    assert (ask.last.status, ask.last.body["result"]) == (200, False)
    assert [exchange.method for exchange in ask.wire.exchanges] == ["POST", "POST"]


async def test_snegir_gives_a_link_and_kopecks(ask):
    await ask("snegir")
    created, polled = ask.wire.exchanges
    assert created.status == 202
    assert created.headers["Location"] == polled.path == created.body["links"]["self"]
    assert isinstance(polled.body["premium_kop"], int)


async def test_barsuk_rounds_to_roubles_and_declines_with_409(ask):
    await ask("barsuk")
    assert isinstance(ask.last.body["data"]["attributes"]["price"], int)
    await ask("barsuk", application(drivers__0__driving_since="2024-01-01"))
    assert ask.last.status == 409
    assert ask.last.body["errors"][0]["code"] == "UNDERWRITING_DECLINE"


async def test_yantar_writes_money_in_russian_and_shows_a_price_beside_its_refusal(ask):
    await ask("yantar")
    assert re.fullmatch(r"\d \d{3},\d\d", ask.last.body["premium"])
    await ask("yantar", application(vehicle__year=1999))
    assert ask.last.body["decision"] == "REFUSED"
    assert re.fullmatch(r"\d \d{3},\d\d", ask.last.body["premium"])


async def test_verst_declines_with_a_fault_as_it_reports_its_errors(ask):
    await ask("verst", application(period__use_months=3))
    assert ask.last.status == 500
    assert ask.last.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert ask.last.body["Fault"]["detail"]["Refusal"]["Code"] == "UNDERWRITING"


async def test_omut_has_its_vehicle_first_and_puts_its_offer_into_a_list(ask):
    await ask("omut")
    vehicle, created, _ = ask.wire.exchanges
    assert (vehicle.status, list(vehicle.body)) == (201, ["vehicle_id"])
    sent = json.loads(created.sent.content)
    assert sent["vehicle_id"] == vehicle.body["vehicle_id"]
    assert "vehicle" not in sent
    assert ask.last.body["status"] == "CALCULATION_READY"
    assert [offer["status"] for offer in ask.last.body["offers"]] == ["PAYMENT_READY"]


async def test_trakt_challenges_once_and_speaks_russian(ask):
    await ask("trakt")
    statuses = [exchange.status for exchange in ask.wire.exchanges]
    assert statuses == [401, 201, 200]
    assert ask.last.body["Состояние"] == "Рассчитано"
    assert re.fullmatch(r"\d+,\d\d", ask.last.body["Премия"])


async def test_lukomor_counts_everything(ask):
    await ask("lukomor")
    login, created, polled = ask.wire.exchanges
    assert (login.path, login.body["expires_in"]) == ("/lukomor/auth/token", 5)
    assert created.sent.headers["X-Auth-Token"] == login.body["token"]
    id_ = created.body["calculation"]["id"]
    assert created.body == {"calculation": {"id": id_, "statusCode": 0}}
    assert isinstance(id_, int)
    assert polled.path == f"/lukomor/rest/calculations/{id_}"
    assert polled.body["calculation"]["statusCode"] == 20
    assert isinstance(polled.body["calculation"]["money"]["total"]["amount"], int)


async def test_filin_takes_a_form_and_names_its_decision(ask):
    await ask("filin")
    assert ask.last.sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert ask.last.body["decision"] == "decline"
