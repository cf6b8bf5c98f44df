import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from osago_core.offer import Declined, DeclineReason, Offer
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
    def read_(table, body, status=200, headers=None, mask=lambda text: text):
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        reader = AnswerReader("sever", spec(table).answer, lambda: NOW)
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
        (404, {}, TroubleKind.REJECTED, None),
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
        (FULL, {"status": ["completed"], "premium": 1}, "state: not in the answer"),
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
