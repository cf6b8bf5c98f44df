"""What is kept of an answer, and for how long."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.moscow import moscow_day
from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer
from osago_daemon.quoting import keeping

moments = st.integers(0, 4 * 365 * 86_400_000_000).map(
    lambda micros: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
roubles = st.decimals(0, 10**6, places=2)
offers = st.builds(
    Offer,
    premium=roubles,
    final=st.booleans(),
    base_rate=st.none() | roubles,
    coefficients=st.none() | st.dictionaries(st.sampled_from(["kt", "kbm"]), st.just("1.8")),
    commission=st.none() | roubles,
    valid_until=st.none() | moments,
    payment_url=st.none() | st.just("https://pay.example/1?a=b"),
    insurer_quote_id=st.none() | st.text(max_size=10),
)
outcomes = (
    offers
    | st.builds(Declined, reason=st.sampled_from(DeclineReason), message=st.text())
    | st.builds(
        Failed,
        kind=st.sampled_from(FailureKind),
        message=st.text(),
        retryable=st.booleans(),
        retry_at=st.none() | moments,
    )
)


@given(outcomes, st.integers(1, 20))
def test_what_is_kept_is_told_exactly_as_it_was(outcome, attempts):
    kept = keeping.encode(outcome, version="1", attempts=attempts)
    assert keeping.decode(kept, version="1") == (outcome, attempts)


@given(outcomes)
def test_what_another_configuration_read_is_of_no_use(outcome):
    assert keeping.decode(keeping.encode(outcome, version="1", attempts=1), version="2") is None


@pytest.mark.parametrize("junk", [b"", b"{}", b"null", b"\xff", b'{"type":"offer","version":"1"}'])
def test_junk_is_of_no_use(junk):
    assert keeping.decode(junk, version="1") is None


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
