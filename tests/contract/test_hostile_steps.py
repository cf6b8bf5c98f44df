"""Ids, links and redirects that mean harm, on the way through several steps."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import anyio
import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.port import NotYet
from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.quoting import journal
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.contract.house import application
from tests.support import oracle
from tests.support.hostile import SCALARS

ORIGIN = "http://127.0.0.1:8787"
MAX_POLLS = 3
TABLE = f"""
name = "Шаги"
base_url = "{ORIGIN}/base"
auth = {{ kind = "bearer", token = "plain:s3cret-canary" }}

[[steps]]
name = "first"
path = "/first"
keep = {{ id = "body.id", link = "body.link || 'x'", thing = "body.thing || `1`" }}

[[steps]]
name = "second"
method = "PUT"
path = "/second/{{id}}/of/{{vin}}"
path_params = {{ vin = "vehicle.vin" }}
query = {{ id = "kept.id" }}
body = {{ id = "kept.id", thing = "kept.thing", link = "kept.link" }}
keep = {{ other = "body.id" }}

[[steps]]
name = "third"
each = "kept.thing | as_list(@)"
path = "/third/{{id}}"
form = {{ thing = "to_string(item)", other = "kept.other" }}

[[steps]]
name = "last"
method = "GET"
path = "{{link}}"
poll = {{}}

[answer]
state = "body.status"
states = {{ pending = ["p"], offer = ["o"], declined = ["d"] }}
premium = "body.premium"
"""
HOSTILE = st.sampled_from(
    [
        *("..", ".", "../..", "../../admin", "a/b", "/", "a\nb", "a\r\nHost: evil.example"),
        *("%2e%2e", "a?b=c", "a#b", "a&b=c", "{id}", "{link}", "x" * 1_000_000, "x" * 3_999),
        *("а" * 900, "\ud800", "http://evil.example/", "//evil.example/x", "///evil.example"),
        *("https://127.0.0.1:8787/x", "http://127.0.0.1:8788/x", f"http://a@{ORIGIN[7:]}/x"),
        *("\\\\evil.example\\x", "javascript:1", "http:evil.example", "http:/evil.example"),
        *("file:///etc/passwd", "http://[::1", "http://", "http://127.0.0.1:8787.evil.example/"),
        *("http://evil.example\\@127.0.0.1:8787/", "http://127.0.0.1:8787", "\u202e", "?"),
        *(f"{ORIGIN}/base/ok", "/ok", "ok/1", "?id=1", 17, True, 1.5, "", [], {}, [1, "a"]),
        *({"a": "\ud800"}, {"\ud800": 1}, [[["x"]]], list(range(30)), 10**30),
    ]
)
VALUES = HOSTILE | SCALARS
BODIES = st.fixed_dictionaries(
    {}, optional={"id": VALUES, "link": VALUES, "thing": VALUES, "status": st.sampled_from("podx")}
)
GOOD = {"id": "i-1", "link": "/base/ok", "thing": ["t"], "status": "o", "premium": 1}


@st.composite
def answers(draw):
    """Status, where it leads to, body: mostly good, else nobody comes to the end."""
    status = draw(st.sampled_from([200] * 6 + [201, 202, 301, 302, 303, 307, 308, 404, 500]))
    location = draw(st.none() | HOSTILE.filter(lambda text: isinstance(text, str)))
    body = GOOD | draw(BODIES)
    return status, location, body


class Insurer:
    """Gives these answers in turn, and then good ones."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.requests = []
        self.said = []

    def __call__(self, request):
        self.requests.append(request)
        status, location, body = self.answers.pop(0) if self.answers else (200, None, GOOD)
        headers = [(b"Content-Type", b"application/json")]
        if location is not None:
            text = location.replace("\r", "").replace("\n", "")[:8000]  # no HTTP has these
            headers.append((b"Location", text.encode("utf-8", "surrogatepass")))
        raw = json.dumps(body).encode()
        self.said.append(raw)
        return httpx.Response(status, headers=headers, content=raw)


class Call:
    """Without policies; what is kept goes through the journal as it does in a daemon."""

    idempotency_key = "00000000-0000-0000-0000-000000000001"

    def __init__(self, kept=None):
        self.application = FORM
        self.kept = kept
        self.written = []

    async def created(self, kept):
        stored = journal.encode(journal.Created(kept=dict(kept), at=1.0))
        self.written.append(journal.decode(stored).kept)

    async def attempt(self, send, **_):
        return await send()

    async def poll(self, ask, **_):
        for _ in range(MAX_POLLS):
            answer = await ask()
            if not isinstance(answer, NotYet):
                return answer
        raise Trouble(TroubleKind.TIMEOUT, "polled for long enough")

    def mask(self, text):
        return text.replace("XTA00000000000001", "***")


SPEC = RestSpec.model_validate({"id": "x", **tomllib.loads(TABLE)})
FORM = application().normal_form()


def asked(insurer, call):
    around = Surroundings(
        httpx.MockTransport(insurer),
        Secrets(Path("/nowhere"), {}),
        now=lambda: datetime(2026, 1, 10, tzinfo=UTC),
    )

    async def quote():
        try:
            return await build_adapter(SPEC, around).quote(call)
        except Trouble as trouble:
            return trouble

    return anyio.run(quote)


def check_requests(requests):
    for request in requests:
        assert f"{request.url.scheme}://{request.url.netloc.decode()}" == ORIGIN
        assert request.headers["host"] == ORIGIN[7:]
        assert not request.url.userinfo
        target = request.url.raw_path.decode("ascii")
        assert target.isprintable()
        assert " " not in target
        for name, value in request.headers.raw:
            assert b"\n" not in name + value
    for request in requests:
        if request.method == "PUT":  # the id is one segment, whatever stands in it
            path = request.url.raw_path.decode().partition("?")[0]
            assert path.startswith("/base/second/")
            assert path.count("/") == 5
            assert path.split("/")[3] not in {"", ".", ".."}


@settings(max_examples=80, deadline=None)
@given(st.lists(answers(), max_size=6))
@example([(200, None, GOOD | {"id": ".."})])
@example([(200, None, GOOD | {"thing": {"a": "\ud800"}})])
@example([(303, "http://evil.example/", GOOD)])
@example([(303, "/base/first", GOOD)] * 6)
def test_no_answer_sends_us_anywhere_else(answers):
    insurer, call = Insurer(answers), Call()
    outcome = asked(insurer, call)
    assert isinstance(outcome, Offer | Declined | Trouble)
    check_requests(insurer.requests)
    # A redirect or two for each request, some thirty things, the polls.
    assert len(insurer.requests) <= 3 * (3 + 4000 + MAX_POLLS)
    if isinstance(outcome, Offer):
        last = oracle.of_json(insurer.said[-1])
        assert oracle.at(last, "status") == "o"
        assert oracle.says(oracle.at(last, "premium"), outcome.premium)
    said = str(outcome) if isinstance(outcome, Trouble) else ""
    assert "canary" not in said
    assert len(said) < 500
    for kept in call.written[-1:]:
        again = Insurer([])
        resumed = asked(again, Call(kept))
        assert isinstance(resumed, Offer | Declined | Trouble)
        check_requests(again.requests)


@pytest.mark.parametrize("value", ["..", "a\nb", "", None, True, {}, [], "x" * 1_000_000, "\ud800"])
def test_an_id_that_is_none_ends_it_at_once(value):
    insurer = Insurer([(200, None, GOOD | {"id": value})])
    assert asked(insurer, Call()).kind is TroubleKind.BAD_ANSWER
    assert len(insurer.requests) == 1


@pytest.mark.parametrize("location", ["http://evil.example/x", "//evil.example/x", "/base/first"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_to_others_and_in_circles(status, location):
    insurer = Insurer([(status, location, {})] * 20)
    assert asked(insurer, Call()).kind is TroubleKind.BAD_ANSWER
    circles = status == 303 and location == "/base/first"
    assert [r.method for r in insurer.requests] == ["POST", *(["GET"] * 2 if circles else [])]
    check_requests(insurer.requests)
    assert all(not request.content for request in insurer.requests[1:])
