import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from osago_core.application.redaction import Redactor
from osago_core.offer import Declined, DeclineReason, Offer
from osago_core.paths import shipped
from osago_daemon.insurers.answers import MAX_DEPTH, Answer, AnswerReader, Pending
from osago_daemon.resilience.trouble import Trouble, TroubleKind

NOW = datetime(2026, 11, 28, tzinfo=UTC)

STEP = """
create.path = "/quotes"
poll.path = "/quotes"
"""
FULL = (
    STEP
    + """
[answer]
state = "body.status"
premium = "body.premium"
base_rate = "body.tb"
coefficients = { kt = "body.k.kt", kbm = "body.k.kbm" }
commission = "body.commission"
valid_until = "body.until"
payment_url = "body.pay"
insurer_quote_id = "body.id"
decline_message = "body.reason"
error_message = "body.error"

[answer.states]
pending = ["processing"]
offer = ["completed", "1", "true"]
preliminary = ["estimate"]
declined = ["rejected", "false"]
error = ["failed"]

[answer.decline_reasons]
"(?i)территор|регион" = "territory"
"(?i)стаж" = "driver"
"""
)
PLAIN = STEP + """answer.premium = "body.premium" """


@pytest.fixture
def read(spec):
    def read_(table, body, status=200, headers=None, *, mask=str, local=False):  # noqa: PLR0913
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        reader = AnswerReader("sever", spec(table).answer, lambda: NOW, local=local)
        return reader.read(Answer(status, headers or {}, raw), mask)

    return read_


@pytest.fixture
def trouble(read):
    def trouble_(*args, **kwargs):
        with pytest.raises(Trouble) as caught:
            read(*args, **kwargs)
        return caught.value

    return trouble_


def test_a_full_offer(read):
    assert read(
        FULL,
        {
            "status": "COMPLETED",
            "premium": "12 345,67",
            "tb": 7535,
            "k": {"kt": 1.8, "kbm": "0,46"},
            "commission": 0,
            "until": "2026-12-01",
            "pay": "https://pay.example.org/1",
            "id": 17,
        },
    ) == Offer(
        premium=Decimal("12345.67"),
        base_rate=Decimal(7535),
        coefficients={"kt": Decimal("1.8"), "kbm": Decimal("0.46")},
        commission=Decimal(0),
        valid_until=datetime.fromisoformat("2026-12-01T23:59:59+03:00"),
        payment_url="https://pay.example.org/1",
        insurer_quote_id="17",
    )


def test_what_is_optional_and_cannot_be_read_is_left_out(read):
    assert read(
        FULL,
        {
            "status": "completed",
            "premium": 1,
            "tb": "?",
            "k": [1],
            "commission": -1,
            "until": "soon",
            "pay": "http://pay.example.org/1",
            "id": {"x": 1},
        },
    ) == Offer(premium=Decimal(1))


def test_a_preliminary_price_is_not_final(read):
    assert read(FULL, {"status": "estimate", "premium": 5}) == Offer(
        premium=Decimal(5), final=False
    )


@pytest.mark.parametrize("word", [True, 1, "true", "Completed"])
def test_words_may_be_booleans_and_numbers(read, word):
    assert isinstance(read(FULL, {"status": word, "premium": 5}), Offer)


@pytest.mark.parametrize("status", [200, 202, 400, 401, 409, 422, 429, 500, 302])
def test_a_decline_wins_over_the_http_status_and_the_price(read, status):
    body = {"status": "rejected", "premium": 12345, "reason": "Регион регистрации не обслуживается"}
    assert read(FULL, body, status) == Declined(
        reason=DeclineReason.TERRITORY, message="Регион регистрации не обслуживается"
    )


def test_a_decline_in_http_200_with_result_false(read):
    assert read(FULL, {"status": False, "reason": "Малый Стаж"}) == Declined(
        reason=DeclineReason.DRIVER, message="Малый Стаж"
    )


@pytest.mark.parametrize("reason", ["Без объяснения", None, 5, {"a": "стаж"}, ""])
def test_a_decline_needs_no_reason(read, reason):
    declined = read(FULL, {"status": "rejected", "reason": reason})
    assert declined.reason is DeclineReason.OTHER
    assert declined.message == (reason if isinstance(reason, str) else "")


def test_their_words_are_masked_then_cut(read, trouble):
    def mask(text):
        return text.replace("Иванов", "*")

    said = "Иванов " * 200
    declined = read(FULL, {"status": "rejected", "reason": said}, mask=mask)
    assert "Иванов" not in declined.message
    assert len(declined.message) <= 500
    message = trouble(FULL, {"error": said}, 400, mask=mask).message
    assert message.startswith("HTTP 400: * *")
    assert len(message) <= 200 + len("HTTP 400: ")
    assert read(FULL, {"status": "completed", "premium": 1, "id": "Иванов-1"}, mask=mask) == Offer(
        premium=Decimal(1)
    )


@pytest.mark.parametrize(
    ("status", "headers", "kind", "retry_after_s"),
    [
        (401, {}, TroubleKind.AUTH, None),
        (403, {}, TroubleKind.AUTH, None),
        (429, {}, TroubleKind.THROTTLED, None),
        (429, {"retry-after": "7"}, TroubleKind.THROTTLED, 7),
        (503, {"retry-after": "Sat, 28 Nov 2026 00:00:09 GMT"}, TroubleKind.THROTTLED, 9),
        (503, {}, TroubleKind.SERVER_ERROR, None),
        (503, {"retry-after": "soon"}, TroubleKind.SERVER_ERROR, None),
        (500, {"retry-after": "7"}, TroubleKind.SERVER_ERROR, None),
        (502, {}, TroubleKind.SERVER_ERROR, None),
        (400, {}, TroubleKind.REJECTED, None),
        (404, {}, TroubleKind.GONE, None),
        (410, {}, TroubleKind.GONE, None),
        (301, {"location": "https://evil.example"}, TroubleKind.BAD_ANSWER, None),
        (307, {}, TroubleKind.BAD_ANSWER, None),
        (304, {}, TroubleKind.BAD_ANSWER, None),
        (999, {}, TroubleKind.BAD_ANSWER, None),
    ],
)
def test_http_statuses(trouble, status, headers, kind, retry_after_s):
    # The body says something else: the status is believed, also where the body is no JSON.
    for body in ({"status": "completed", "premium": 1}, b"<html>"):
        caught = trouble(FULL, body, status, headers)
        assert (caught.kind, caught.retry_after_s) == (kind, retry_after_s)
        assert caught.message == f"HTTP {status}"


def test_pending_and_how_long_they_ask_us_to_wait(read):
    pending = read(FULL, {"status": "processing"}, headers={"retry-after": "3"})
    assert isinstance(pending, Pending)
    assert pending.retry_after_s == 3
    assert pending.scope["body"] == {"status": "processing"}
    assert read(FULL, b"", 202).retry_after_s is None


def test_without_a_state_the_http_status_says_it(read):
    assert isinstance(read(PLAIN, {"premium": 1}, 202), Pending)
    assert isinstance(read(PLAIN, {"premium": 1}, 201), Offer)


def test_an_error_of_theirs_in_http_200(trouble):
    caught = trouble(FULL, {"status": "failed", "error": "База недоступна"})
    assert (caught.kind, caught.message) == (TroubleKind.SERVER_ERROR, "База недоступна")
    assert trouble(FULL, {"status": "failed"}).message == "they report an error of theirs"


@pytest.mark.parametrize(
    ("table", "body", "message"),
    [
        (FULL, {"status": "new", "premium": 1}, "state: a word that answer.states does not list"),
        (FULL, {"premium": 1}, "state: not in the answer"),
        (
            FULL,
            {"status": ["completed"], "premium": 1},
            "state: a word that answer.states does not list",
        ),
        (FULL, [], "state: not in the answer"),
        (FULL, b"", "state: not in the answer"),
        (FULL, {"status": "completed"}, "premium: not in the answer"),
        (FULL, {"status": "completed", "premium": 0}, "premium: a premium of zero"),
        (FULL, {"status": "completed", "premium": -1}, "premium: not a number of at least 0"),
        (FULL, {"status": 1, "premium": True}, "premium: expected a number, got true or false"),
        (FULL, {"status": "completed", "premium": [1]}, "premium: expected a number"),
        (FULL, {"status": "completed", "premium": 1e9}, "premium: an absurdly large amount"),
        (PLAIN, b"<html>12345</html>", "the answer is not JSON"),
        (PLAIN, b'{"premium": NaN}', "the answer is not JSON"),
        (PLAIN, b'{"premium": Infinity}', "the answer is not JSON"),
        (PLAIN, b'{"premium": 1e999999999}', "the answer is not JSON"),
        (PLAIN, b'{"premium": 1e99999999999999999999}', "the answer is not JSON"),
        (PLAIN, b'{"premium": 1' + b"0" * 5000 + b"}", "the answer is not JSON"),
        (PLAIN, b'{"premium": 1', "the answer is not JSON"),
        (PLAIN, b'{"premium": "\xff"}', "the answer is not JSON"),
        (PLAIN, b'{"premium": 1, "x": ' + b"[" * 100 + b"]" * 100 + b"}", "the answer is not JSON"),
        (PLAIN, b"[" * 100_000, "the answer is not JSON"),
        (PLAIN, "just text", "premium: not in the answer"),
    ],
)  # fmt: skip
def test_what_is_no_answer(trouble, table, body, message):
    caught = trouble(table, body)
    assert (caught.kind, caught.message) == (TroubleKind.BAD_ANSWER, message)


def test_depth_is_counted_not_brackets(read):
    wide = {"premium": 1, "list": [{"a": []}] * 200}
    assert isinstance(read(PLAIN, wide), Offer)
    deep = b'{"premium": 1, "x": ' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    assert isinstance(read(PLAIN, deep), Offer)


def test_bytes_in_other_encodings_of_json(read):
    assert isinstance(read(PLAIN, b'\xef\xbb\xbf{"premium": 1}'), Offer)
    assert isinstance(read(PLAIN, '{"premium": 1}'.encode("utf-16")), Offer)


def test_headers_and_status_are_within_reach(read):
    table = (
        STEP
        + """[answer]
    state = "status == `409` && 'no' || headers.\\"x-state\\""
    states = { offer = ["ok"], declined = ["no"] }
    premium = "headers.\\"x-price\\""
    """
    )
    assert read(table, {}, headers={"x-state": "ok", "x-price": "5"}) == Offer(premium=Decimal(5))
    assert isinstance(read(table, {}, 409), Declined)


ID = "0196f3a2-7701-4123-9562-451012345678"


@pytest.fixture(scope="module")
def mask():
    """What the daemon masks by, for the first example."""
    text = (shipped("examples") / "application.json").read_text(encoding="utf-8")
    return Redactor.of(json.loads(text)).mask


@pytest.mark.parametrize(
    "quote_id", ["9876543210", "770087654321", ID, ID.upper(), "9" * 19, "A-17"]
)
def test_an_ordinary_id_was_taken_for_personal_data(read, mask, quote_id):
    body = {"status": "completed", "premium": 1, "id": quote_id}
    assert read(FULL, body, mask=mask).insurer_quote_id == quote_id


@pytest.mark.parametrize("quote_id", ["79990000001", 79990000001, "4510 123456", "Иванов-1"])
def test_an_id_made_of_the_applications_own_values_is_dropped(read, mask, quote_id):
    body = {"status": "completed", "premium": 1, "id": quote_id}
    assert read(FULL, body, mask=mask).insurer_quote_id is None


@pytest.mark.parametrize(
    "link",
    [
        "https://pay.example.org/?phone=79990000001",
        "https://pay.example.org/?x=1&phone=%2B7%20999%20000-00-01",
        "https://pay.example.org/?79990000001",
        "https://pay.example.org/#/pay?who=ivanov%40example.org",
    ],
)
def test_a_payment_link_with_a_personal_value_was_shown(read, mask, link):
    body = {"status": "completed", "premium": 1, "pay": link}
    assert read(FULL, body, mask=mask).payment_url is None


def test_a_payment_link_keeps_what_is_not_personal(read, mask):
    link = f"https://pay.example.org/p?order={ID}&n=9876543210&sum=9876.50#top"
    body = {"status": "completed", "premium": 1, "pay": link}
    assert read(FULL, body, mask=mask).payment_url == link


@pytest.mark.parametrize("link", ["http://127.0.0.1:631/admin", "https://localhost/admin"])
def test_a_remote_insurer_could_send_people_to_this_machine(read, link):
    body = {"status": "completed", "premium": 1, "pay": link}
    assert read(FULL, body).payment_url is None
    assert read(FULL, body, local=True).payment_url == link


def test_kopecks_were_cut_off_by_to_number(read):
    table = STEP + """answer.premium = "to_number(body.premium)" """
    assert read(table, {"premium": 12345.67}).premium == Decimal("12345.67")
    assert read(table, {"premium": "12345.67"}).premium == Decimal("12345.67")


def test_of_two_premiums_the_last_was_taken(trouble, read):
    caught = trouble(PLAIN, b'{"premium": 1, "premium": 2}')
    assert caught.kind is TroubleKind.BAD_ANSWER
    assert caught.message == "a key stands in the answer twice"
    assert read(PLAIN, b'{"premium": 1, "x": {"premium": 2}}').premium == 1


def test_no_repr_shows_what_they_answered(read):
    pending = read(FULL, {"status": "processing", "name": "made up"}, headers={"x": "made up"})
    assert "made up" not in repr((pending, Answer(200, {"x": "made up"}, b"made up")))
