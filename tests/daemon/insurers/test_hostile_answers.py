"""Whatever an insurer answers: an offer that the answer contains, a decline, pending or Trouble.

What an answer contains is said by `tests/support/oracle.py`, which knows nothing of the reader.
"""

import json
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers.answers import LAST, Answer
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.several import MAX_ITEMS
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.hostile import HEADERS, STATUSES, changed, garbled, twice, written
from tests.support.hostile_readers import (
    GOOD,
    GOOD_FIELDS,
    GOOD_ITEM,
    GOOD_SEVERAL,
    GOOD_XML,
    READERS,
    STAGES,
    VALUES,
    read,
    reader_of,
    sound_fields,
    sound_plain,
    sound_several,
    sound_xml,
)

MANY = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=60, deadline=None)


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
