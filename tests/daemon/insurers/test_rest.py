import json

import httpx
import pytest

from osago_core import __version__
from osago_core.offer import Declined, Offer
from osago_daemon.insurers.exact import exact
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

ONE_STEP = """
create.path = "/quotes"
create.body = { vin = "vehicle.vin" }
answer.premium = "body.premium"
"""
TWO_STEPS = """
[create]
path = "/applications"
headers = { Idempotency-Key = "call.key" }
keep = { id = "body.id" }
[poll]
path = "/applications/{id}/offer"
first_s = 2
every_s = 3
[answer]
state = "body.status"
states = { pending = ["processing"], offer = ["completed"] }
premium = "body.premium"
"""
LINKED = """
create = { path = "/applications", keep = { link = "headers.location" } }
poll.path = "{link}"
answer.premium = "body.premium"
"""


class Insurer:
    """Answers from a list, keeps the requests."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def asked(self):
        return [f"{r.method} {r.url}" for r in self.requests]


def ok(body, status=200, **headers):
    return httpx.Response(
        status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


PENDING = {"id": "a/1", "status": "processing"}
DONE = {"status": "completed", "premium": 12345}


async def test_one_step(adapter, call):
    insurer = Insurer(ok({"premium": "12 345,67"}))
    offer = await adapter(ONE_STEP, insurer).quote(call)
    assert isinstance(offer, Offer)
    assert str(offer.premium) == "12345.67"
    (request,) = insurer.requests
    assert (request.method, str(request.url)) == ("POST", "http://127.0.0.1:8787/sever/quotes")
    assert json.loads(request.content) == {"vin": "XTA219010L0000001"}
    assert request.headers["accept"] == "application/json"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"osago/{__version__}"
    assert (call.repeatable, call.hints) == ([False], [])


async def test_create_then_poll(adapter, call):
    insurer = Insurer(ok(PENDING, 202), ok(PENDING), ok(PENDING, Retry_After="7"), ok(DONE))
    offer = await adapter(TWO_STEPS, insurer).quote(call)
    assert isinstance(offer, Offer)
    assert insurer.asked == [
        "POST http://127.0.0.1:8787/sever/applications",
        *["GET http://127.0.0.1:8787/sever/applications/a%2F1/offer"] * 3,
    ]
    assert insurer.requests[0].headers["idempotency-key"] == "key-1"
    assert insurer.requests[0].content == b""
    assert "content-type" not in insurer.requests[0].headers
    assert call.hints == [None, None, 7]
    assert call.repeatable == [True]


async def test_what_polling_needs_is_written_down_before_the_first_poll(adapter, call):
    insurer = Insurer(ok(PENDING, 202), ok(DONE))
    asked_by_then = []
    written = call.created

    async def created(kept):
        asked_by_then.append(len(insurer.requests))
        await written(kept)

    call.created = created
    await adapter(TWO_STEPS, insurer).quote(call)
    assert (call.written, asked_by_then) == ([{"id": "a/1", "@done": ["create", None]}], [1])


async def test_what_was_created_before_is_polled_for_and_not_created(adapter, call):
    call.kept = {"id": "a/1"}
    insurer = Insurer(ok(PENDING), ok(DONE))
    assert isinstance(await adapter(TWO_STEPS, insurer).quote(call), Offer)
    assert insurer.asked == ["GET http://127.0.0.1:8787/sever/applications/a%2F1/offer"] * 2
    assert call.written == []


async def test_what_was_created_is_not_created_again_when_the_poll_is_no_longer_configured(
    adapter, call
):
    call.kept = {"id": "1"}
    with pytest.raises(Trouble) as caught:
        await adapter(ONE_STEP, Insurer()).quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED


async def test_what_was_kept_under_another_configuration_is_no_bug(adapter, call):
    call.kept = {"number": "1"}
    with pytest.raises(Trouble) as caught:
        await adapter(TWO_STEPS, Insurer()).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER


async def test_what_they_ask_us_to_wait_is_passed_on(adapter, call):
    insurer = Insurer(ok(PENDING, Retry_After="5"), ok(PENDING, Retry_After="0"), ok(DONE))
    await adapter(TWO_STEPS, insurer).quote(call)
    assert call.hints == [5, 0]


async def test_an_offer_at_once_needs_no_poll_and_nothing_kept(adapter, call):
    assert isinstance(await adapter(TWO_STEPS, Insurer(ok(DONE))).quote(call), Offer)
    assert call.hints == []


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("/sever/offers/1?x=%2F", "/sever/offers/1?x=%2F"),
        ("offers/1", "/sever/offers/1"),
        ("http://127.0.0.1:8787/elsewhere#part", "/elsewhere"),
        ("HTTP://127.0.0.1:8787/x", "/x"),
    ],
)
async def test_a_link_to_the_same_server_is_followed(adapter, call, link, followed):
    insurer = Insurer(ok({}, 202, location=link), ok({"premium": 1}))
    await adapter(LINKED, insurer).quote(call)
    assert insurer.asked[1] == f"GET http://127.0.0.1:8787{followed}"


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1:8787/x",
        "http://127.0.0.1:8788/x",
        "http://127.0.0.1/x",
        "http://evil.example/x",
        "//evil.example/x",
        "http://127.0.0.1:8787@evil.example/x",
        "http://user@127.0.0.1:8787/x",
        "http://127.0.0.1:99999999/x",
        "http://[::1",
        "javascript:x",
        "/x y",
    ],
)
async def test_a_link_to_another_server_is_not(adapter, call, link):
    insurer = Insurer(ok({}, 202, location=link))
    with pytest.raises(Trouble) as caught:
        await adapter(LINKED, insurer).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER
    assert len(insurer.requests) == 1


@pytest.mark.parametrize(
    "kept", [{}, {"id": ""}, {"id": None}, {"id": [1]}, {"id": ".."}, {"id": "\ud800"}]
)
async def test_pending_without_what_the_poll_needs(adapter, call, kept):
    answer = httpx.Response(200, content=json.dumps({"status": "processing", **kept}))
    with pytest.raises(Trouble) as caught:
        await adapter(TWO_STEPS, Insurer(answer)).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER
    assert caught.value.message.startswith("keep")


async def test_pending_without_a_poll_was_blamed_on_the_insurer(adapter, call):
    with pytest.raises(Trouble, match="no poll") as caught:
        await adapter(ONE_STEP, Insurer(ok({}, 202))).quote(call)
    assert caught.value.kind is TroubleKind.MISCONFIGURED


async def test_a_poll_that_knows_nothing_of_the_application(adapter, call):
    with pytest.raises(Trouble) as caught:
        await adapter(TWO_STEPS, Insurer(ok(PENDING), ok({"error": "not_found"}, 404))).quote(call)
    assert caught.value.kind is TroubleKind.GONE


async def test_a_kept_id_may_be_a_number(adapter, call):
    insurer = Insurer(ok({"id": 17, "status": "processing"}), ok(DONE))
    await adapter(TWO_STEPS, insurer).quote(call)
    assert insurer.asked[1].endswith("/applications/17/offer")


async def test_polling_by_query_and_body_over_the_application_and_what_was_kept(adapter, call):
    table = TWO_STEPS.replace("/applications/{id}/offer", "/offer").replace(
        "first_s = 2",
        """
        method = "POST"
        query.id = "kept.id"
        query.none = "vehicle.body_number"
        query.each = "drivers[].first_name"
        query.trailer = "vehicle.trailer"
        body = { id = "kept.id", today = "call.today", hp = "vehicle.power_hp" }
        headers = { X-Day = "call.today", X-None = "vehicle.body_number" }
        """,
    )
    insurer = Insurer(ok(PENDING), ok(DONE))
    await adapter(table, insurer).quote(call)
    poll = insurer.requests[1]
    assert poll.url.params.multi_items() == [
        ("id", "a/1"),
        ("each", "Иван"),
        ("each", "Анна"),
        ("trailer", "false"),
    ]
    assert json.loads(poll.content) == {"id": "a/1", "today": "2026-11-28", "hp": 87.0}
    assert poll.headers["x-day"] == "2026-11-28"
    assert "x-none" not in poll.headers


async def test_constants_of_a_path_and_of_headers(adapter, call):
    table = """
    headers = { Accept = "application/vnd.x+json", X-Agent = "7" }
    [create]
    path = "/quotes?version=2&a=%D1%8F"
    query.y = "vehicle.year"
    headers = { X-Agent = "`8`", Content-Type = "'application/json; charset=utf-8'" }
    body = { vin = "vehicle.vin" }
    [answer]
    premium = "body.premium"
    """
    insurer = Insurer(ok({"premium": 1}))
    await adapter(table, insurer).quote(call)
    (request,) = insurer.requests
    assert request.url.params.multi_items() == [("version", "2"), ("a", "я"), ("y", "2020")]
    assert request.headers["accept"] == "application/vnd.x+json"
    assert request.headers["x-agent"] == "8"
    assert request.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("auth", "header", "query"),
    [
        ('{ kind = "none" }', None, ""),
        ('{ kind = "bearer", token = "env:TOKEN" }', ("authorization", "Bearer s3cret"), ""),
        (
            '{ kind = "basic", username = "agent", password = "env:TOKEN" }',
            ("authorization", "Basic YWdlbnQ6czNjcmV0"),
            "",
        ),
        (
            '{ kind = "api_key", name = "X-Api-Key", value = "env:TOKEN" }',
            ("x-api-key", "s3cret"),
            "",
        ),
        (
            '{ kind = "api_key", name = "key", value = "env:TOKEN", in = "query" }',
            None,
            "key=s3cret",
        ),
    ],
)
async def test_auth_goes_with_every_request(adapter, call, auth, header, query):
    insurer = Insurer(ok(PENDING), ok(DONE))
    await adapter(f"auth = {auth}\n{TWO_STEPS}", insurer, TOKEN="s3cret").quote(call)
    assert len(insurer.requests) == 2
    for request in insurer.requests:
        assert request.url.query.decode() == query
        if header is None:
            assert "authorization" not in request.headers
        else:
            assert request.headers[header[0]] == header[1]


async def test_a_prefix_of_the_base_url_stays_with_or_without_a_slash(adapter, call):
    for base in ("https://api.example.org/v1/osago", "https://api.example.org/v1/osago/"):
        insurer = Insurer(ok({"premium": 1}))
        await adapter(f'base_url = "{base}"\n{ONE_STEP}', insurer).quote(call)
        assert insurer.asked == ["POST https://api.example.org/v1/osago/quotes"]


@pytest.mark.parametrize(
    ("where", "repeatable"),
    [
        ('headers = { Idempotency-Key = "call.key" }', True),
        ('query = { request = "call.key" }', True),
        ("body = { meta = [{ id = \"concat(['a-', call.key])\" }] }", True),
        ('body = { day = "call.today" }', False),
        ("body = { key = \"'call.key'\" }", False),
        ("", False),
    ],
)
async def test_a_create_is_repeatable_where_the_key_is_sent(adapter, call, where, repeatable):
    table = f'[create]\npath = "/q"\n{where}\n[answer]\npremium = "body.premium"'
    await adapter(table, Insurer(ok({"premium": 1}))).quote(call)
    assert call.repeatable == [repeatable]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), TroubleKind.CONNECT),
        (httpx.ReadError("reset"), TroubleKind.RESET),
        (httpx.RemoteProtocolError("half a body"), TroubleKind.RESET),
        (httpx.DecodingError("too large"), TroubleKind.BAD_ANSWER),
    ],
)
async def test_trouble_of_the_transport(adapter, call, error, kind):
    with pytest.raises(Trouble) as caught:
        await adapter(ONE_STEP, Insurer(error)).quote(call)
    assert caught.value.kind is kind
    assert caught.value.__cause__ is None


class Failing(httpx.AsyncByteStream):
    """A body that breaks off."""

    closed = False

    async def __aiter__(self):
        yield b'{"premium": 1'
        raise httpx.RemoteProtocolError("incomplete")

    async def aclose(self):
        self.closed = True


async def test_half_a_body_is_a_broken_connection_and_is_closed(adapter, call):
    body = Failing()
    with pytest.raises(Trouble) as caught:
        await adapter(ONE_STEP, Insurer(httpx.Response(200, stream=body))).quote(call)
    assert caught.value.kind is TroubleKind.RESET
    assert body.closed


async def test_an_expression_that_fails_names_its_key_and_no_person(adapter, call):
    insurer = Insurer()
    for part, key in (
        ('body.a.b = "upper(vehicle.year)"', "body.a.b: upper() got number"),
        ('query.q = "owner"', "query.q: expected text"),
        ("query.q = '`\"\\ud800\"`'", "query: makes no URL"),
        ("body.a = '`\"\\ud800\"`'", "body: can't be written as JSON"),
        ("body.a = '&@'", "body: can't be written as JSON"),
        ('headers.X-Name = "owner.last_name"', "headers.X-Name: a header holds printable ASCII"),
    ):
        table = f'create.path = "/q"\ncreate.{part}\nanswer.premium = "body.p"'
        with pytest.raises(Trouble) as caught:
            await adapter(table, insurer).quote(call)
        assert str(caught.value).startswith(f"insurers.sever.create.{key}")
        assert "Иванов" not in str(caught.value)
    assert insurer.requests == []


async def test_personal_data_in_their_words_is_masked(adapter, call):
    table = (
        ONE_STEP
        + """
    answer.state = "body.state"
    answer.states = { offer = ["ok"], declined = ["no"] }
    answer.decline_message = "body.why"
    answer.error_message = "body.why"
    """
    )
    why = "Иванов, VIN XTA219010L0000001, тел. +79990000001: отказ"
    declined = await adapter(table, Insurer(ok({"state": "no", "why": why}, 409))).quote(call)
    assert declined == Declined(reason="other", message="***, VIN ***, тел. +***: отказ")
    with pytest.raises(Trouble) as caught:
        await adapter(table, Insurer(ok({"why": why}, 400))).quote(call)
    assert caught.value.message == "HTTP 400: ***, VIN ***, тел. +***: отказ"


async def test_one_adapter_serves_many_calls(adapter, call, application):
    insurer = Insurer(ok({"premium": 1}), ok({"premium": 2}))
    sever = adapter(ONE_STEP, insurer)
    assert [int((await sever.quote(call)).premium) for _ in range(2)] == [1, 2]
    assert "kept" not in application


async def test_auth_wins_over_a_header_of_the_step(adapter, call):
    table = """
    auth = { kind = "api_key", name = "X-Who", value = "env:TOKEN" }
    create.path = "/q"
    create.headers.X-Who = "vehicle.vin"
    answer.premium = "body.premium"
    """
    insurer = Insurer(ok({"premium": 1}))
    await adapter(table, insurer, TOKEN="s3cret").quote(call)
    assert insurer.requests[0].headers.get_list("x-who") == ["s3cret"]


async def test_kept_values_too_long_for_a_url_raised_invalid_url(adapter, call):
    table = TWO_STEPS.replace("{id}/offer", "{id}/{id}/{id}/offer")
    answer = ok({"id": "\U0001f697" * 2000, "status": "processing"})
    with pytest.raises(Trouble, match="keep: no URL") as caught:
        await adapter(table, Insurer(answer)).quote(call)
    assert caught.value.kind is TroubleKind.BAD_ANSWER


async def test_fractions_of_the_application_equal_those_of_an_expression(
    adapter, call, application
):
    vehicle = {**application["vehicle"], "power_hp": 87.6}
    call.application = exact({**application, "vehicle": vehicle})
    table = """
    create.path = "/q"
    create.body = { exact = "vehicle.power_hp == `87.6`", hp = "vehicle.power_hp", k = "`1.5`" }
    answer.premium = "body.premium"
    """
    insurer = Insurer(ok({"premium": 1}))
    await adapter(table, insurer).quote(call)
    assert json.loads(insurer.requests[0].content) == {"exact": True, "hp": 87.6, "k": 1.5}
