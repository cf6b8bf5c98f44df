"""`tariff.calculate` over a real socket."""

import json

import pytest

from tests.support.applications import Years, make_application
from tests.support.desk import START, Pretend, offer
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio

TODAY = START.date()


def an_application(*args, **changes):
    return make_application(*args, today=TODAY, **changes)


async def calculated(socket, application, **params):
    insurer = Pretend(offer())
    async with serving(socket, a=insurer) as daemon, connected(daemon) as line:
        answer = await line.ask("tariff.calculate", application=application, **params)
    assert insurer.calls == []
    return answer


async def test_it_tells_price_levers_and_warnings_and_asks_nobody(socket):
    application = an_application(drivers=(Years(), Years(age=20, experience=1, kbm_class="3")))
    del application["owner"]["email"]
    told = await calculated(socket, application)
    assert "7204-U" in told["price"]["edict"]
    assert told["price"]["premium_min"] < told["price"]["premium_max"]
    assert told["levers"][0]["saving_share"] > 0.5
    assert "changed" not in told or told["changed"] is None
    assert [warning["code"] for warning in told["warnings"]] == ["contact_missing"]


async def test_it_uses_the_tariff_of_the_day_asked_for(socket):
    told = await calculated(socket, an_application(), on="2025-11-01")
    assert told["price"]["effective_from"] < "2025-11-01"


async def test_changes_are_told_beside_the_price(socket):
    told = await calculated(socket, an_application(), changes={"drivers": "unlimited"})
    lines = {line["name"]: line["value"] for line in told["changed"]["coefficients"]}
    assert lines["ko"] == 3.16
    assert {line["name"]: line["value"] for line in told["price"]["coefficients"]}["ko"] == 1


async def test_an_invalid_application_is_answered_with_all_its_problems(socket):
    application = an_application(vehicle__category="Q", period__months=13)
    error = await calculated(socket, application)
    assert error["data"]["kind"] == "invalid_application"
    paths = [problem["path"] for problem in error["data"]["problems"]]
    assert paths == ["vehicle.category", "period.months"]


async def test_an_unknown_place_is_a_problem_of_the_application(socket):
    error = await calculated(socket, an_application(address=("Республика Татарстан", "Казнь")))
    assert error["data"]["kind"] == "invalid_application"
    (problem,) = error["data"]["problems"]
    assert (problem["path"], problem["code"]) == ("owner.address", "place_unclear")
    assert problem["params"]["suggestions_ru"].startswith("Республика Татарстан: Казань")
    assert "Казнь" not in json.dumps(error, ensure_ascii=False)


async def test_changes_that_make_no_sense_are_invalid_params_at_their_place(socket):
    error = await calculated(
        socket, an_application(drivers="unlimited"), changes={"claims": 1, "kbm_class": "5"}
    )
    assert error["data"]["kind"] == "invalid_params"
    paths = {problem["path"] for problem in error["data"]["problems"]}
    assert paths == {"changes.claims", "changes.kbm_class"}


async def test_months_that_the_law_does_not_know_are_invalid_params_with_the_least(socket):
    error = await calculated(socket, an_application(), changes={"use_months": 2})
    assert error["data"]["kind"] == "invalid_params"
    (problem,) = error["data"]["problems"]
    assert (problem["path"], problem["code"]) == ("changes.use_months", "months_below_least")
    assert problem["params"]["least"] == "3"


async def test_a_company_s_vehicle_in_transit_is_priced_without_a_class(socket):
    dear = Years(age=20, experience=0, kbm_class="3")
    company = an_application(owner="company", registration="transit", drivers=(dear,))
    told = await calculated(socket, company)
    assert "kbm" not in {line["name"] for line in told["price"]["coefficients"]}
    assert "drivers_unlimited" in {lever["code"] for lever in told["levers"]}


async def test_a_change_that_nobody_knows_is_invalid_params(socket):
    error = await calculated(socket, an_application(), changes={"power_hp": 1})
    assert error["data"]["kind"] == "invalid_params"
    assert [problem["path"] for problem in error["data"]["problems"]] == ["changes.power_hp"]


async def test_a_table_that_is_not_known_is_named_at_on(socket):
    error = await calculated(socket, an_application("tram"), on="2022-05-01")
    assert error["data"]["kind"] == "invalid_params"
    (problem,) = error["data"]["problems"]
    assert (problem["path"], problem["code"]) == ("on", "no_tariff")
    assert problem["params"]["table"] == "TB"
    assert "TB" in error["message"]
