"""Whatever an insurer answers: an offer that the answer contains, a decline, pending or Trouble.

What an answer contains is said by `tests/support/oracle.py`, which knows nothing of the reader.
"""

import json
import sys
import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osago_core.offer import Declined, DeclineReason, Failed, Offer
from osago_daemon.insurers.answer_spec import AnswerSpec, OffersSpec
from osago_daemon.insurers.answers import LAST, Accepted, Answer, AnswerReader, Pending, Stage
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.several import MAX_ITEMS
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support import oracle
from tests.support.hostile import HEADERS, STATUSES, changed, documents, garbled, twice, written

MANY = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=60, deadline=None)

STATES = """
states.pending = ["p", "0"]
states.offer = ["o", "1"]
states.preliminary = ["e"]
states.declined = ["d", "false"]
states.redirected = ["r"]
states.manual_check = ["m"]
states.error = ["x"]
"""
PLAIN = f"""
state = "body.status || body[0].status"
{STATES}
premium = "body.premium || body.offers[0].premium"
base_rate = "sum(body.rates)"
coefficients = {{ kt = "body.k.kt", kbm = "max(body.k.*)" }}
commission = "body.commission"
valid_until = "body.until"
payment_url = "body.pay"
insurer_quote_id = "join('-', body.ids)"
decline_message = "body.reasons[].text || body.reason"
error_message = "body.error.message || body.error"
decline_reasons = {{ "a+$" = "driver" }}
"""
FIELDS = f"""
state = ["body.status", "body.result.status", "headers.\\"x-state\\""]
{STATES}
premium = "body.result.premium"
money = "kopecks"
error = "body.error"
error_message = "body.reason"
error_kinds = {{ "^d" = "declined", "^p" = "pending", "a" = "throttled", "0" = "auth" }}
retry_after = "body.until"
"""
XML = f"""
format = "xml"
state = "body.Response.Status"
{STATES}
premium = "body.Response.Premium"
valid_until = 'body.Response."@until"'
decline_message = "as_list(body.Response.Reason)"
error_message = "body.Fault.faultstring"
"""
SEVERAL = f"""
state = ["body.status", "item.status"]
{STATES}
premium = "item.premium || body.premium"
base_rate = "body.rates[0]"
coefficients = {{ kt = "max(body.k[].kt)" }}
payment_url = "item.pay"
decline_message = "item.reason || body.reason"
"""
MEMBERS = """
items = "body.offers"
insurer = "item.code"
members = { sk-a = { code = "5", name = "А" }, rest = { code = "*", name = "Прочие" } }
"""
GOOD_WORDS = {"o", "1", "e"}
FINAL_WORDS = {"o", "1"}

KEYS = st.sampled_from(
    [
        *("status", "premium", "offers", "rates", "k", "kt", "kbm", "commission", "until", "pay"),
        *("ids", "reasons", "reason", "text", "error", "message", "result", "code"),
    ]
)
WORDS = st.sampled_from(["p", "o", "O", "e", "d", "x", "r", "m", "o ", "ok", 1, 5, "5", 12345.67])
STAGES = st.builds(Stage, st.booleans(), st.booleans())
VALUES = documents(KEYS, WORDS)
GOOD = {"status": "o", "premium": "12 345,67 руб.", "k": {"kt": 1.8}, "rates": [1, 2.5]}
GOOD_FIELDS = {"status": "o", "result": {"status": "O", "premium": 1234567}, "error": None}
GOOD_ITEM = {"code": 5, "status": "o", "premium": 12345.67, "pay": "https://pay.example.org/1"}
GOOD_SEVERAL = {
    "status": "o",
    "k": [{"kt": 1.8}],
    "offers": [GOOD_ITEM, {"code": 6, "status": "d", "premium": None, "reason": "Нет"}],
}
GOOD_XML = (
    b'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s='
    b'"http://schemas.xmlsoap.org/soap/envelope/"><s:Body><o:Response xmlns:o="urn:o" until='
    b'"2026-12-01"><o:Status>o</o:Status><o:Premium>12345.67</o:Premium></o:Response>'
    b"</s:Body></s:Envelope>"
)


def reader_of(toml, offers=None):
    spec = AnswerSpec.model_validate(tomllib.loads(toml))
    several = None if offers is None else OffersSpec.model_validate(tomllib.loads(offers))

    def now():
        return datetime(2026, 11, 28, tzinfo=UTC)

    return AnswerReader("x", spec, now, local=False, offers=several)


READERS = {
    "plain": (reader_of(PLAIN), False),
    "fields": (reader_of(FIELDS), False),
    "xml": (reader_of(XML), True),
    "several": (reader_of(SEVERAL, MEMBERS), False),
}


def read(name, status, headers, raw, stage=LAST):
    reader, xml = READERS[name]
    try:
        answer = Answer(status, headers, raw)
        found = reader.read(answer, lambda text: text, stage._replace(xml=xml))
    except Trouble as trouble:
        return trouble
    assert isinstance(found, Offer | Declined | Pending | Several | Accepted)
    for outcome in found.outcomes.values() if isinstance(found, Several) else [found]:
        if isinstance(outcome, Offer | Declined | Failed):  # it can be told and kept
            assert outcome.model_validate_json(outcome.model_dump_json())
        if isinstance(outcome, Offer):
            # A refusal counts in any answer, and to be sent to another insurer is one, at a price.
            assert outcome.offered_by == "?" or (200 <= status < 300 and stage.decides)
            assert outcome.offered_by is None or not outcome.final
            assert 0 < outcome.premium <= 10**8
            assert (outcome.payment_url or "https://x").startswith("https://")
    return found


def good_words(offer):
    """Those of which one at least must be told, and no other one but these."""
    if offer.offered_by is not None:
        return {"r"}
    return FINAL_WORDS if offer.final else GOOD_WORDS


def sound_plain(raw, offer):
    body = oracle.of_json(raw)
    told = oracle.word(oracle.at(body, "status") or oracle.at(body, 0, "status"))
    places = oracle.at(body, "premium"), oracle.at(body, "offers", 0, "premium")
    return told in good_words(offer) and any(oracle.says(place, offer.premium) for place in places)


def sound_fields(raw, offer, headers):
    body = oracle.of_json(raw)
    fields = oracle.at(body, "status"), oracle.at(body, "result", "status"), headers.get("x-state")
    # What is no word, such as an object, says nothing.
    told = {oracle.word(field) for field in fields} - {None}
    if not oracle.says(oracle.at(body, "result", "premium"), offer.premium, unit=100):
        return False
    if offer.offered_by is not None:  # a price of the insurer that they send us to
        return "r" in told and not told & {"d", "m", "x"} and not offer.final
    right = bool(told) and oracle.at(body, "error") in (None, False, "", [], {})
    return right and told <= (FINAL_WORDS if offer.final else GOOD_WORDS)


def sound_xml(raw, offer, charset=None):
    for response in oracle.of_xml(raw, charset):
        fields = {name: [] for name in ("Status", "Premium")}
        for child in response:
            fields.setdefault(oracle.local(child), []).append((child.text or "").strip())
        if len(fields["Status"]) == len(fields["Premium"]) == 1:
            told, price = fields["Status"][0].casefold(), fields["Premium"][0]
            if told in good_words(offer) and oracle.says(price, offer.premium):
                return True
    return False


def sound_several(raw, member, offer):
    body = oracle.of_json(raw)
    items = oracle.at(body, "offers")
    return any(
        (oracle.word(oracle.at(item, "code")) == "5") == (member == "sk-a")
        and sound_item(body, item, offer)
        for item in ([items] if isinstance(items, dict) else items)
    )


def sound_item(body, item, offer):
    told = {oracle.word(oracle.at(part, "status")) for part in (body, item)}
    good = GOOD_WORDS | {"r"} if offer.offered_by is not None else good_words(offer)
    places = oracle.at(item, "premium"), oracle.at(body, "premium")
    return told <= good and any(oracle.says(place, offer.premium) for place in places)


def json_of(good, values=VALUES):
    """Any JSON, a good answer with changes, and good bytes that were damaged."""
    raw = json.dumps(good).encode()
    return values.map(written) | changed(good, values).map(written) | garbled(raw) | twice(good)


@MANY
@given(STATUSES, HEADERS, json_of(GOOD))
@example(200, {}, b'{"status": "o", "premium": {"status": "o"}}')
@example(200, {}, b'{"status": "o", "premium": 1, "status": "d"}')
def test_one_offer(status, headers, raw):
    outcome = read("plain", status, headers, raw)
    if isinstance(outcome, Offer):
        assert sound_plain(raw, outcome)
    elif isinstance(outcome, Trouble) and 200 <= status < 300:
        assert outcome.kind in {TroubleKind.BAD_ANSWER, TroubleKind.SERVER_ERROR}


@MANY
@given(STATUSES, HEADERS, json_of(GOOD_FIELDS), STAGES)
@example(200, {"x-state": "d"}, json.dumps(GOOD_FIELDS).encode(), LAST)
def test_several_fields_for_the_state_and_errors(status, headers, raw, stage):
    outcome = read("fields", status, headers, raw, stage)
    if isinstance(outcome, Offer):
        assert sound_fields(raw, outcome, headers)


@MANY
@given(STATUSES, HEADERS, json_of(GOOD_SEVERAL), STAGES)
@example(200, {}, json.dumps(GOOD_SEVERAL | {"status": "e"}).encode(), LAST)
@example(200, {}, json.dumps(GOOD_SEVERAL | {"status": "r", "premium": 1}).encode(), LAST)
def test_offers_of_several(status, headers, raw, stage):
    outcome = read("several", status, headers, raw, stage)
    assert not isinstance(outcome, Offer)  # nobody knows whose
    if isinstance(outcome, Several):
        assert outcome.outcomes.keys() <= {"sk-a", "rest"}
        for member, one in outcome.outcomes.items():
            if isinstance(one, Offer):
                assert sound_several(raw, member, one)


@st.composite
def elements(draw, depth=0):
    name = draw(st.sampled_from(["Response", "Status", "Premium", "Reason", "Fault", "a"]))
    attributes = draw(st.sampled_from(["", ' until="1"', ' xmlns="urn:x"', ' x="&lt;"']))
    text = draw(
        st.sampled_from(["", "o", "d", "1", "12345.67", "<![CDATA[o]]>", "&#49;", "<!---->"])
    )
    inner = draw(st.lists(elements(depth + 1), max_size=3)) if depth < 3 else []
    return f"<{name}{attributes}>{text}{''.join(inner)}</{name}>"


CHARSETS = st.sampled_from([None, "utf-8", "utf-16", "koi8-r", "cp037", "latin-1", "no-such"])


@MANY
@given(STATUSES, elements().map(str.encode) | garbled(GOOD_XML), CHARSETS)
@example(
    200, b"<Response><Status>o</Status><Status>d</Status><Premium>1</Premium></Response>", None
)
def test_any_xml(status, raw, charset):
    headers = {"content-type": f"text/xml; charset={charset}"} if charset else {}
    outcome = read("xml", status, headers, raw)
    if isinstance(outcome, Offer):
        assert sound_xml(raw, outcome, charset)


@pytest.mark.parametrize("name", READERS)
@FEW
@given(STATUSES, HEADERS, st.binary(max_size=60) | st.text(max_size=30).map(
    lambda text: text.encode("utf-8", "surrogatepass")
))  # fmt: skip
def test_any_bytes(name, status, headers, raw):
    assert not isinstance(read(name, status, headers, raw), Offer | Several)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        b"9" * 1_000_000,
        b'{"status": "o", "premium": ' + b"9" * 4_000 + b"}",
        b'{"status": "o", "premium": 1' + b"0" * 400 + b".5}",
        b'{"status": "o", "premium": 1e400}',
        b'{"status": "o", "premium": NaN, "result": {"premium": Infinity}}',
        b"<r>" + b"&lt;" * 100_000,
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]><Response><Status>o</Status>&a;</Response>',
        '{"status": "o", "premium": 1}'.encode("utf-16")[:-1],
        b"\xef\xbb\xbf" + b'"',
    ],
)
def test_beyond_all_bounds(name, raw):
    assert isinstance(read(name, 200, {}, raw), Trouble)


GROWING = {
    "plain": lambda n: {
        "status": "o",
        "premium": 1,
        "rates": [1] * n,
        "k": {str(i): 1 for i in range(n)},
    },
    "fields": lambda n: {"status": "o", "result": {"premium": 1}, "error": "x" * n},
    "several": lambda n: {
        "status": "o",
        "offers": [GOOD_ITEM] * (n // 10),
        "k": [{"kt": 1}] * n,
    },
}  # fmt: skip


def steps_of(name, raw):
    """How many calls reading takes, of functions in C as well."""
    count = 0

    def counted(_frame, event, _arg):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        read(name, 200, {}, raw)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", [*GROWING, "xml"])
def test_twice_as_much_is_twice_the_work(name):
    def raw(n):
        if name == "xml":
            return b"<Response><Status>o</Status>" + b"<Reason>a</Reason>" * n + b"</Response>"
        return json.dumps(GROWING[name](n)).encode()

    one, two = steps_of(name, raw(1000)), steps_of(name, raw(2000))
    assert two <= 2.2 * one


def test_more_offers_than_anybody_makes():
    body = {"status": "o", "offers": [GOOD_ITEM] * MAX_ITEMS}
    assert isinstance(read("several", 200, {}, json.dumps(body).encode()), Several)
    body["offers"].append(GOOD_ITEM)
    trouble = read("several", 200, {}, json.dumps(body).encode())
    assert (trouble.kind, str(trouble)) == (TroubleKind.BAD_ANSWER, "offers.items: more than 1000")


def test_a_code_of_an_error_is_cut_before_patterns_see_it():
    reader = reader_of("""
    premium = "body.p"
    error = "body.code"
    error_kinds = { '^.{1,300}$' = "declined" }
    """)
    raw = json.dumps({"code": "a" * 100_000}).encode()
    found = reader.read(Answer(500, {}, raw), lambda text: text)
    assert found == Declined(reason=DeclineReason.OTHER, message="")


def test_an_offer_within_what_is_not_final_is_not_final():
    raw = json.dumps(GOOD_SEVERAL | {"status": "e"}).encode()
    assert read("several", 200, {}, raw).outcomes["sk-a"].final is False


def test_what_all_items_have_in_common_is_read_of_each_answer_anew():
    for kt in (1.8, 1.2):
        raw = json.dumps(GOOD_SEVERAL | {"k": [{"kt": kt}]}).encode()
        offer = read("several", 200, {}, raw).outcomes["sk-a"]
        assert float(offer.coefficients["kt"]) == kt
    unreadable = json.dumps(GOOD_SEVERAL | {"k": [{"kt": {}}, {"kt": {}}]}).encode()
    assert read("several", 200, {}, unreadable).outcomes["sk-a"].coefficients is None
