"""Nothing of a person and no secret is shown, however an insurer says it."""

import base64
import json
from urllib.parse import quote

import httpx
import pytest

from tests.support.chatty import _texts
from tests.support.trial import CLIENTS, SEARCH, SECRET

pytestmark = pytest.mark.anyio

WHOLE = """\
base_url = "http://127.0.0.1:1/osago"
secrets = { pin = "env:CANARY" }

[insurers.yug.create]
path = "/create/{plate}"
path_params = { plate = "vehicle.plate" }
query = { phone = "policyholder.phone", opens = "secret.pin" }
keep = { all = "body.all" }

[insurers.yug.create.%s]
vehicle = "to_string(vehicle)"
owner = "to_string(owner)"
policyholder = "to_string(policyholder)"
drivers = "to_string(drivers)"
opens = "secret.pin"

[insurers.yug.answer]
premium = "body.premium"
decline_message = "body.all"
error_message = "body.all"
"""
SOAP = (
    WHOLE.replace("[insurers.yug.create.%s]\n", "[insurers.yug.create.xml.o]\n")
    .replace('keep = { all = "body.all" }', 'soap = "1.1"')
    .replace("body.", "body.r.")
)


def clean(*shown):
    text = json.dumps(shown, ensure_ascii=False, default=str)
    assert SEARCH.found(text.encode()) == []
    for form in (SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1]):
        assert form.lower() not in text.lower()
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in text


SAID = {
    "as it is": str,
    "upper-cased": str.upper,
    "percent-encoded": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "percent-encoded base64": lambda text: quote(base64.b64encode(text.encode()).decode()),
    "escaped twice": json.dumps,
}


def all_of(client):
    return [*_texts(client), SECRET]


@pytest.mark.parametrize(
    ("client", "said"),
    [*((CLIENTS[0], said) for said in SAID), (CLIENTS[1], "as it is")],
    ids=[*SAID, "of a trader"],
)
async def test_whatever_an_insurer_repeats_is_masked(trial, client, said):
    echo = [SAID[said](text) for text in all_of(client)]

    def insurer(_):
        body = {"premium": 7391, "all": echo, "one": " ".join(echo), echo[0]: 1}
        headers = {"X-Echo": quote(" ".join(all_of(client))), "Set-Cookie": "sid=cafe91827; Path=/"}
        return httpx.Response(200, json=body, headers=headers)

    walked = await trial.walk(WHOLE % "body", insurer, client)
    assert trial.steps[0]["answer"]["body"]["text"].count("***") >= len(echo)
    assert trial.steps[0]["answer"]["headers"]["set-cookie"] == "sid=***; Path=/"
    clean(trial.steps, walked.told)


@pytest.mark.parametrize("kind", ["body", "form", "multipart"])
async def test_requests_of_every_kind_are_masked(trial, kind):
    refused = lambda _: httpx.Response(400, text=" / ".join(all_of(CLIENTS[0])))  # noqa: E731
    walked = await trial.walk(WHOLE % kind, refused, CLIENTS[0])
    request = trial.steps[0]["request"]
    assert request["body"]["kind"] == ("json" if kind == "body" else kind)
    assert request["url"].startswith("http://127.0.0.1:1/osago/create/***?phone=")
    assert "brand" in request["body"]["text"]
    clean(trial.steps, walked.told)


async def test_xml_is_masked_also_where_base64_stands_in_it(trial):
    client = CLIENTS[0]
    fine = "".join(f"<a b={json.dumps(quote(t))}>{SAID['base64'](t)}</a>" for t in all_of(client))
    answer = f"<e:Envelope xmlns:e='x'><e:Body><r><all>{fine}</all></r></e:Body></e:Envelope>"
    walked = await trial.walk(SOAP, lambda _: httpx.Response(500, text=answer), client)
    step = trial.steps[0]
    assert (step["request"]["body"]["kind"], step["answer"]["body"]["kind"]) == ("xml", "xml")
    assert "<all>" in step["answer"]["body"]["text"]
    clean(trial.steps, walked.told)


async def test_what_was_not_personal_stays_readable(trial):
    words = {
        "premium": 7391,
        "all": "Регион не обслуживается, заявка 206047372",
        "id": "ВР-255884355",
    }
    await trial.walk(WHOLE % "body", lambda _: httpx.Response(200, json=words), CLIENTS[0])
    assert json.loads(trial.steps[0]["answer"]["body"]["text"]) == words


async def test_a_long_answer_is_cut_and_says_how_much(trial):
    text = "слово " * 5000
    await trial.walk(WHOLE % "body", lambda _: httpx.Response(502, text=text))
    body = trial.steps[0]["answer"]["body"]
    assert (len(body["text"]), body["cut"]) == (6000, len(text) - 6000)
