"""Whatever an insurer answers: an offer that the answer contains, a decline, pending or Trouble."""

import json
import tomllib
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.answers import Answer, AnswerReader, Pending
from osago_daemon.insurers.rest_spec import AnswerSpec
from osago_daemon.resilience.trouble import Trouble, TroubleKind

SPEC = AnswerSpec.model_validate(
    tomllib.loads("""
state = "body.status || body[0].status"
states.pending = ["p", "0"]
states.offer = ["o", "1"]
states.preliminary = ["e"]
states.declined = ["d", "false"]
states.error = ["x"]
premium = "body.premium || body.offers[0].premium"
base_rate = "sum(body.rates)"
coefficients = { kt = "body.k.kt", kbm = "max(body.k.*)" }
commission = "body.commission"
valid_until = "body.until"
payment_url = "body.pay"
insurer_quote_id = "join('-', body.ids)"
decline_message = "body.reasons[].text || body.reason"
error_message = "body.error.message || body.error"
decline_reasons = { "a+$" = "driver" }
""")
)
READER = AnswerReader("x", SPEC, lambda: datetime(2026, 11, 28, tzinfo=UTC), local=False)

KEYS = st.sampled_from(
    [
        *("status", "premium", "offers", "rates", "k", "kt", "kbm", "commission", "until", "pay"),
        *("ids", "reasons", "reason", "text", "error", "message"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(
        ["p", "o", "e", "d", "x", "12 345,67", "2026-12-01", "https://pay.example.org", "\ud800"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=8)
    ),
    max_leaves=20,
)
OFFERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["o", "e", 1, "O"]), "premium": VALUES},
    optional=dict.fromkeys(["rates", "k", "commission", "until", "pay", "ids"], VALUES),
)
BODIES = VALUES | OFFERS
HEADERS = st.fixed_dictionaries(
    {}, optional={"retry-after": st.text(max_size=12) | st.just("9" * 30)}
)


def read(status, headers, raw):
    try:
        return READER.read(Answer(status, headers, raw), lambda text: text)
    except Trouble as trouble:
        return trouble


@given(st.sampled_from([200, 201, 202, 204, 302, 400, 401, 409, 429, 500, 503]), HEADERS, BODIES)
@example(200, {}, {"status": "o", "premium": {"status": "o"}})
def test_any_json(status, headers, body):
    outcome = read(status, headers, json.dumps(body).encode())
    if isinstance(outcome, Offer):
        assert 200 <= status < 300
        assert outcome.premium > 0
        assert any(close(outcome.premium, price) for price in prices(body))
        assert outcome.model_validate_json(outcome.model_dump_json())
    elif isinstance(outcome, Trouble) and 200 <= status < 300:
        assert outcome.kind in {TroubleKind.BAD_ANSWER, TroubleKind.SERVER_ERROR}
    else:
        assert isinstance(outcome, Declined | Pending | Trouble)


@given(st.sampled_from([200, 202, 500]), HEADERS, st.binary(max_size=60))
def test_any_bytes(status, headers, raw):
    assert isinstance(read(status, headers, raw), Offer | Declined | Pending | Trouble)


def prices(body):
    """The places that the table calls a premium, as text."""
    if isinstance(body, dict):
        yield body.get("premium")
        offers = body.get("offers")
        if isinstance(offers, list) and offers and isinstance(offers[0], dict):
            yield offers[0].get("premium")


def close(premium, price):
    """Whether a number or text says this amount, give or take the rounding to kopecks."""
    if isinstance(price, str):
        price = "".join(price.split()).replace(",", ".")
    try:
        return abs(float(premium) - float(price)) <= 0.0051
    except (TypeError, ValueError):
        return False
