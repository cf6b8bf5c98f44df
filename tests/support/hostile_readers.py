"""Readers of several tables, a good answer to each, and what an oracle says of their offers."""

import tomllib
from datetime import UTC, datetime

from hypothesis import strategies as st

from osago_core.offer import Declined, Failed, Offer
from osago_daemon.insurers.answer_spec import AnswerSpec, OffersSpec
from osago_daemon.insurers.answers import LAST, Accepted, Answer, AnswerReader, Pending, Stage
from osago_daemon.insurers.port import Several
from osago_daemon.resilience.trouble import Trouble
from tests.support import oracle
from tests.support.hostile import documents

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
