"""What is kept of an answer, and for how long."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from osago_core.moscow import moscow_day
from osago_core.offer import Declined, DeclineReason, Offer
from osago_core.wire.codec import decode_event
from osago_core.wire.events import Source
from osago_core.wire.tariff import OfferFindings
from osago_core.wire.told import Envelope, encode_told, write
from osago_daemon.insurers.port import Several
from osago_daemon.quoting import keeping
from tests.support.outcomes import moments, offers, outcomes


@given(outcomes, st.integers(1, 20))
def test_what_is_kept_is_told_exactly_as_it_was(outcome, attempts):
    kept = keeping.encode(write(outcome), version="1", attempts=attempts)
    assert keeping.decode(kept, version="1") == (write(outcome), attempts)


@given(outcomes)
def test_what_another_configuration_read_is_of_no_use(outcome):
    assert (
        keeping.decode(keeping.encode(write(outcome), version="1", attempts=1), version="2") is None
    )


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{}",
        b"null",
        b"\xff",
        b"[1]\n{}",
        b'[1,"1",1,"offer","1.00"]\n{"premium":1}',  # of an earlier daemon
        b'[3,"1",1,"offer","1.00"]\n{"premium":1}\n{}',  # of a later one
        b'{"type":"offer","version":"1"}',
        b'[2,"1",1,"offer","1,50"]\n{"premium":1}\n{}',
        b'[2,"1",1,"offer","1.50"]\n{"premium":1}',
    ],
)
def test_what_we_do_not_write_is_of_no_use(junk):
    assert keeping.decode(junk, version="1") is None


WRITTEN_IN_FORM_2 = [
    (
        b'[2,"v",1,"offer","12345.6"]\n{"premium":12345.6,"final":true,"base_rate":5000.0,'
        b'"coefficients":{"kt":1.8},"commission":100.5,"valid_until":"2026-11-23T00:00:00Z",'
        b'"payment_url":"https://pay.example/1","insurer_quote_id":"7"}\n{"tariff":'
        b'{"base_rate":5000.0,"min":1399.0,"max":8665.0,"position":0.5,"approximate":false},'
        b'"checks":[{"code":"kbm","severity":"warning","text":"KBM","params":{"ours":"0.46"}}]}'
    ),
    b'[2,"v",2,"declined",null]\n{"reason":"territory","message":"no"}\n{}',
    (
        b'[2,"v",3,"failed",null]\n{"kind":"timeout","message":"late","retryable":true,'
        b'"retry_at":"2026-11-22T21:00:00Z"}\n{}'
    ),
]


@pytest.mark.parametrize("kept", WRITTEN_IN_FORM_2)
def test_what_an_earlier_daemon_kept_in_this_form_is_told_as_this_one_would(kept):
    """Where this fails, outcomes have changed: give what is kept from now on a new form."""
    written, attempts = keeping.decode(kept, version="v")
    at = datetime(2026, 11, 22, tzinfo=UTC)
    envelope = Envelope("q", 1, at, "a", "А", 0, Source.CACHE, at, attempts)
    event = decode_event(encode_told(envelope, written))
    outcome = of_event(event, type(event).__bases__[0], written.json)
    findings = of_event(event, OfferFindings, written.findings) if written.premium else None
    assert keeping.encode(write(outcome, findings), version="v", attempts=attempts) == kept


def of_event(event, model, json):
    return model(**{name: getattr(event, name) for name in from_json(json)})


members = st.dictionaries(st.text(max_size=9), outcomes, min_size=1, max_size=4)


@given(members, st.integers(1, 20))
def test_what_is_kept_of_several_is_told_exactly_as_it_was(said, attempts):
    written = {id_: write(outcome) for id_, outcome in said.items()}
    kept = keeping.encode(written, version="1", attempts=attempts)
    assert keeping.decode(kept, version="1") == (written, attempts)
    assert keeping.decode(kept, version="2") is None


@given(members, st.data())
def test_half_of_what_is_kept_of_several_is_of_no_use(said, data):
    written = {id_: write(outcome) for id_, outcome in said.items()}
    lines = keeping.encode(written, version="1", attempts=1).split(b"\n")
    lines.pop(data.draw(st.integers(1, len(lines) - 1)))
    assert keeping.decode(b"\n".join(lines), version="1") is None


@given(moments, members)
def test_of_several_the_earliest_end_is_that_of_all_and_a_check_by_hand_is_told_briefly(now, said):
    day = moscow_day(now).isoformat()
    ends = [keeping.ends_at(outcome, day) for outcome in said.values()]
    assert keeping.ends_at(Several(said), day) == min(ends)
    told_until = keeping.told_until(Several(said), day, now)
    by_hand = [o for o in said.values() if getattr(o, "reason", None) == "manual_check"]
    assert told_until == min([*ends, *([now + timedelta(minutes=15)] if by_hand else [])])


@given(moments, offers)
def test_an_answer_is_kept_beyond_its_moscow_day_or_as_long_as_it_holds(now, offer):
    day = moscow_day(now).isoformat()
    ends_at = keeping.ends_at(offer, day)
    if offer.valid_until is None or offer.valid_until > keeping.kept_until(day):
        assert ends_at == keeping.kept_until(day)
    else:
        assert ends_at == offer.valid_until


@given(moments)
def test_what_belongs_to_a_day_is_kept_a_little_longer_than_that_day(now):
    until = keeping.kept_until(moscow_day(now).isoformat())
    assert moscow_day(until - keeping.AFTER_MIDNIGHT) == moscow_day(now) + timedelta(days=1)
    assert until - now >= keeping.AFTER_MIDNIGHT


def test_a_moment_without_a_zone_is_moscows():
    offer = Offer(premium="1", valid_until=datetime(2026, 11, 22, 20, 0))  # noqa: DTZ001
    ends_at = keeping.ends_at(offer, "2026-11-22")
    assert ends_at == datetime(2026, 11, 22, 20, 0, tzinfo=timezone(timedelta(hours=3)))


def test_a_decline_is_kept_all_day():
    declined = Declined(reason=DeclineReason.OTHER, message="нет")
    assert keeping.ends_at(declined, "2026-11-22") == keeping.kept_until("2026-11-22")
