"""Nothing of a person and no secret is shown, however an insurer says it."""

import base64
import copy
import json
import random
import re
from decimal import Decimal
from urllib.parse import quote

import httpx
import pytest

from osago_core.application import check
from osago_daemon.trying.exchanges import request_shown
from osago_daemon.trying.masking import Masker
from tests.support.chatty import _texts
from tests.support.trial import CLIENTS, SEARCH, SECRET, TODAY

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
    text = re.sub(r"\\+(?=[u/])", r"\\", text).replace(r"\/", "/")  # however often escaped
    assert SEARCH.found(text.encode()) == []
    for run in re.findall(r"(?:[0-9a-f]{2}){6,}", text):
        assert SEARCH.found(bytes.fromhex(run)) == []
        assert SECRET.encode().hex() not in run
    for form in (SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1]):
        assert form.lower() not in text.lower()
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in text


def _base64(raw):
    return base64.b64encode(raw).decode()


SAID = {
    "as it is": str,
    "upper-cased": str.upper,
    "percent-encoded": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "percent-encoded base64": lambda text: quote(base64.b64encode(text.encode()).decode()),
    "base64 of more than letters": lambda text: _base64(f"«{text}» — 5 000 ₽, d’or ☂".encode()),
    "base64 behind something else": lambda text: "id_" + _base64(text.encode()),
    "base64 amid bytes": lambda text: _base64(b"\x08\xff" + text.encode() + b"\xff\x12"),
    "base64 on lines": lambda text: base64.encodebytes(f"{'x' * 50}, {text}".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "escaped": json.dumps,
    "escaped twice": lambda text: json.dumps(json.dumps(text)),
    "escaped as PHP does it": lambda text: json.dumps(text).replace("/", r"\/"),
    "escaped so twice": lambda text: json.dumps(json.dumps(text).replace("/", r"\/")),
    "slashes escaped": lambda text: json.dumps(text, ensure_ascii=False).replace("/", r"\/"),
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


DERIVED = (
    WHOLE.replace('vehicle = "to_string(vehicle)"', 'a = "unix_ms(owner.birth_date)"')
    .replace('"to_string(owner)"', '"unix_s(owner.birth_date)"')
    .replace('"to_string(policyholder)"', '"to_string(unix_s(drivers[0].license.issue_date))"')
    .replace('"to_string(drivers)"', "\"format_date(owner.birth_date, 'MM/DD/YYYY')\"")
)


async def test_days_are_masked_in_what_is_made_of_them(trial):
    def insurer(request):
        said = json.loads(request.content)
        return httpx.Response(
            200, json={"premium": 7391, "all": [said, " ".join(map(str, said.values()))]}
        )

    await trial.walk(DERIVED % "body", insurer, CLIENTS[0])
    request, answer = (trial.steps[0][part]["body"]["text"] for part in ("request", "answer"))
    assert set(json.loads(request).values()) == {"***"}
    said, joined = json.loads(answer)["all"]
    assert set(said.values()) == {"***"}
    assert not any(map(str.isdigit, joined))


def masker_of(client, **passport):
    client = copy.deepcopy(client)
    client["owner"]["passport"].update(passport)
    return Masker(check(client, today=TODAY).application, [SECRET])


def test_short_codes_are_masked_also_as_numbers():
    masker = masker_of(CLIENTS[0])
    said = {"series": 7719, "number": 829173, "premium": 7391, "sum": Decimal("77.19")}
    assert masker.value(said) == said | {"series": "***", "number": "***"}
    assert masker_of(CLIENTS[0], series="0319").value([319, 31, 3190]) == ["***", 31, 3190]


def test_days_are_masked_where_their_slashes_are_escaped():
    assert masker_of(CLIENTS[0]).text(r'{"born":"23\/11\/1967"}') == '{"born":"***"}'


def test_ids_that_look_like_base64_stay():
    masker = masker_of(CLIENTS[0])
    chance = random.Random(7)
    ids = [base64.urlsafe_b64encode(chance.randbytes(24)).decode() for _ in range(100)]
    ids += [chance.randbytes(16).hex() for _ in range(100)]
    assert [masker.personal(each) for each in ids] == ids


async def test_a_long_answer_is_cut_and_says_how_much(trial):
    text = "слово " * 5000
    await trial.walk(WHOLE % "body", lambda _: httpx.Response(502, text=text))
    body = trial.steps[0]["answer"]["body"]
    assert (len(body["text"]), body["cut"]) == (6000, len(text) - 6000)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            'application/soap+xml; charset=utf-8; action="http://example.org/Calc"',
            'application/soap+xml; charset=utf-8; action="http://example.org/Calc"',
        ),
        ("https://api.example.org/made/1", "https://api.example.org/made/1"),
        ("/made/1?x=2", "/made/1?x=2"),
    ],
)
def test_a_header_that_names_a_link_is_no_link(value, shown):
    request = httpx.Request("GET", "http://localhost/", headers={"X-Said": value})
    masker = Masker(check(CLIENTS[0], today=TODAY).application, [])
    assert request_shown(request, masker)["headers"]["X-Said"] == shown
