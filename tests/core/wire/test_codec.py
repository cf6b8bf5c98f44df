"""Lines in and out."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.wire.codec import decode_request, encode_error, encode_event, encode_result
from osago_core.wire.errors import CODES, ErrorKind, RpcError
from osago_core.wire.events import OfferEvent
from osago_core.wire.methods import QuoteCancelResult

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

premiums = st.decimals(min_value=0, max_value=10_000_000, places=2)


def an_offer(**fields):
    return OfferEvent(
        quote_id="q", seq=1, at=AT, insurer="a", insurer_name="А", elapsed_ms=5, **fields
    )


@given(premiums)
def test_a_premium_keeps_its_kopecks_on_the_wire(premium):
    line = encode_event(an_offer(premium=premium))
    told = json.loads(line, parse_float=str, parse_int=str)["params"]["premium"]
    assert f"{float(told):.2f}" == f"{premium:.2f}"


def test_an_event_is_one_line_in_the_order_people_read():
    line = encode_event(an_offer(premium="12345.60"))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    message = json.loads(line)
    assert list(message) == ["jsonrpc", "method", "params"]
    assert list(message["params"])[:4] == ["quote_id", "seq", "at", "type"]
    assert "valid_until" not in message["params"]


@given(st.none() | st.integers() | st.text())
def test_an_answer_carries_the_id_it_was_asked_with(id_):
    assert json.loads(encode_result(id_, QuoteCancelResult()))["id"] == id_


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_error_has_its_number_and_its_word(kind):
    error = json.loads(encode_error(7, RpcError(kind, "why")))["error"]
    assert (error["code"], error["data"]["kind"]) == (CODES[kind], kind)
    assert list(CODES.values()).count(error["code"]) == 1


@given(st.text(min_size=1), st.dictionaries(st.text(), st.integers()), st.integers() | st.text())
def test_a_request_is_read_as_it_was_written(method, params, id_):
    message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
    request = decode_request(json.dumps(message).encode())
    assert (request.method, request.params, request.id) == (method, params, id_)
    assert request.wants_answer
