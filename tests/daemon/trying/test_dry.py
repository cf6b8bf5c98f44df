"""A rehearsal says what would be sent, and sends nothing."""

import json

import pytest

from osago_daemon.trying.dry import rehearse
from tests.support.trial import SECRET

pytestmark = pytest.mark.anyio

STEPS = """\
base_url = "https://insurer.invalid/osago"

[insurers.yug.auth]
kind = "login"
path = "/login"
secrets = { password = "env:CANARY" }
form = { password = "secret.password" }
token = "body.token"

[[insurers.yug.steps]]
name = "car"
path = "/cars"
body = { brand = "vehicle.brand" }
keep = { car = "body.id" }

[[insurers.yug.steps]]
name = "people"
path = "/people"
each = "drivers"
body = { of = "kept.car", who = "item.last_name", n = "index" }
keep = { who = "body.id" }

[[insurers.yug.steps]]
name = "firm"
path = "/firm"
when = "owner.kind == 'company'"

[[insurers.yug.steps]]
name = "price"
method = "GET"
path = "/cars/{car}/price"
query = { sum = "round(kept.car, `1`)" }
poll = {}

[insurers.yug.answer]
premium = "body.premium"
"""


async def test_every_step_is_told_and_nothing_leaves(trial):
    await rehearse(trial.trip(STEPS))  # its address leads nowhere
    login, car, people, firm, price = trial.steps
    assert (login["step"], login["login"]) == ("login", True)
    assert login["request"]["url"] == "https://insurer.invalid/osago/login"
    assert login["request"]["body"]["text"] == "password = ***"
    assert json.loads(car["request"]["body"]["text"]) == {"brand": "LADA"}
    assert car["before_login"]
    assert people["requests"] == 1
    assert json.loads(people["request"]["body"]["text"]) == {
        "of": "{kept.car}",
        "who": "***",
        "n": 0,
    }
    assert firm["skipped"]
    assert price["request"] is None
    assert "query.sum" in price["problem"]
    assert SECRET not in json.dumps(trial.steps, ensure_ascii=False)


async def test_a_path_shows_what_is_kept(trial):
    await rehearse(trial.trip(STEPS.replace("round(kept.car, `1`)", "kept.car")))
    url = trial.steps[-1]["request"]["url"]
    assert url == "https://insurer.invalid/osago/cars/{kept.car}/price?sum={kept.car}"
