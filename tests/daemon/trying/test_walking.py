"""One walk, everything shown: requests, answers, what each expression gave and where it stands."""

import json

import httpx
import pytest

pytestmark = pytest.mark.anyio

BASE = """\
base_url = "http://127.0.0.1:1/osago"
"""
POLLED = (
    BASE
    + """
[insurers.yug.create]
path = "/create"
keep = { id = "body.id" }
body = { vin = "vehicle.vin", brand = "vehicle.brand" }

[insurers.yug.poll]
path = "/of/{id}"
first_s = 0.0
every_s = 0.1
least_s = 0.1

[insurers.yug.answer]
state = "body.state"
states = { pending = ["wait"], offer = ["ok"], declined = ["no"] }
premium = "body.premium"
commission = "upper(body.premium)"
payment_url = "body.pay"
"""
)
OFFER = {"state": "ok", "premium": 5000, "pay": "https://pay.example/k9f3/secret?t=1"}


def answering(*answers):
    left = list(answers)
    return lambda _: httpx.Response(200, json=left.pop(0))


async def test_every_step_is_shown_with_what_its_expressions_gave(trial):
    walked = await trial.walk(POLLED, answering({"id": "a7"}, {"state": "wait"}, OFFER))
    assert walked.told["type"] == "failed"  # of a create without a word
    assert [step["step"] for step in trial.steps] == ["create"]
    state = trial.steps[0]["expressions"][0]
    assert state["error"] == "not in the answer"
    assert (state["key"], state["line"]) == ("insurers.yug.answer.state", 17)


async def test_a_wrong_expression_is_shown_in_its_place(trial):
    created = {"state": "wait", "id": "a7"}
    walked = await trial.walk(POLLED, answering(created, {"state": "wait"}, OFFER))
    assert [(s["step"], s["reading"]) for s in trial.steps] == [
        ("create", "pending"),
        ("poll", "pending"),
        ("poll", "offer"),
    ]
    create, _, last = trial.steps
    assert json.loads(create["request"]["body"]["text"]) == {"vin": "***", "brand": "LADA"}
    kept = create["expressions"][-1]
    assert (kept["key"], kept["line"]) == ("insurers.yug.create.keep.id", 7)
    assert kept["value"] == "a7"
    assert last["request"]["url"] == "http://127.0.0.1:1/osago/of/a7"
    found = {each["key"].rpartition(".")[2]: each for each in last["expressions"]}
    assert found["premium"] | {"line": 19} == found["premium"]
    assert (found["premium"]["value"], found["premium"]["came_to"]) == (5000, "5000.00")
    assert found["commission"]["error"] == "upper() got number, expected string or null"
    assert walked.told["premium"] == 5000
    assert walked.told["tariff"]["base_rate"] > 0


async def test_what_opens_a_payment_is_shown_nowhere(trial):
    walked = await trial.walk(POLLED, answering({"state": "wait", "id": "a7"}, OFFER))
    shown = json.dumps([trial.steps, walked.told])
    assert "https://pay.example/***" in shown
    assert "k9f3" not in shown


async def test_a_word_that_nobody_listed_is_told(trial):
    walked = await trial.walk(POLLED, answering({"state": "hm", "id": "a7"}))
    state = trial.steps[0]["expressions"][0]
    assert (state["value"], state["error"]) == ("hm", "a word that answer.states does not list")
    assert walked.told["kind"] == "bad_answer"


async def test_a_request_that_cant_be_said_names_its_line(trial):
    toml = POLLED.replace('"vehicle.brand"', '"round(vehicle.brand, `1`)"')
    walked = await trial.walk(toml, answering())
    assert trial.steps == []
    assert walked.told["kind"] == "internal"
    place = (walked.told["key"], walked.told["line"])
    assert place == ("insurers.yug.create.body.brand", 8)


LOGIN = (
    BASE
    + """
[insurers.yug.auth]
kind = "login"
path = "/login"
secrets = { password = "env:CANARY" }
body = { username = "'agent'", password = "secret.password" }
token = "body.data.ticket"

[insurers.yug.create]
path = "/create"

[insurers.yug.answer]
premium = "body.premium"
error_message = "body.said"
"""
)


async def test_a_login_is_a_step_and_renewed_once_without_its_token_being_seen(trial):
    tokens = iter(["9182736401", "9182736402"])

    def insurer(request):
        if request.url.path.endswith("/login"):
            return httpx.Response(200, json={"data": {"ticket": next(tokens)}, "user": "agent"})
        said = request.headers["authorization"]
        if said.endswith("01"):
            return httpx.Response(401, json={"said": f"old: {said.upper()}"})
        return httpx.Response(200, json={"premium": 5000, "echo": said})

    walked = await trial.walk(LOGIN, insurer)
    steps = [(step["step"], step["login"]) for step in trial.steps]
    assert steps == [("login", True), ("create", False)] * 2
    assert walked.told["type"] == "offer"
    shown = json.dumps(trial.steps).lower()
    assert "91827364" not in shown  # digits alone look like no token
    assert '"authorization": "bearer ***"' in shown


async def test_no_connection_is_the_result(trial):
    def refused(request):
        raise httpx.ConnectError("refused", request=request)

    walked = await trial.walk(POLLED, refused)
    assert trial.steps[0]["answer"] is None
    assert trial.steps[0]["trouble"]["kind"] == "connection"
    assert (walked.told["type"], walked.told["kind"]) == ("failed", "connection")


async def test_items_of_several_insurers_are_shown_one_by_one(trial):
    toml = (
        BASE
        + """
create = { path = "/calc" }

[insurers.yug.offers]
items = "body.offers"
insurer = "item.code"
members = { alfa = { code = "A", name = "Альфа" } }

[insurers.yug.answer]
premium = "item.sum"
"""
    )
    offers = [{"code": "A", "sum": 5000}, {"code": "B", "sum": "x"}]
    walked = await trial.walk(toml, answering({"offers": offers}))
    [outcome] = walked.told["outcomes"]
    assert (outcome["insurer"], outcome["premium"]) == ("alfa", 5000)
    told = [
        (e["key"].removeprefix("insurers.yug."), e.get("item"), e.get("error"))
        for e in trial.steps[0]["expressions"]
    ]
    assert told == [
        ("offers.items", None, None),
        ("offers.insurer", 0, None),
        ("answer.premium", 0, None),
        ("offers.insurer", 1, "no member has this code: passed over"),
        ("answer.premium", 1, "not an amount"),
    ]
