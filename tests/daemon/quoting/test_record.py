"""What is remembered of how an insurer answered, and that it survives a restart."""

import json
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer
from osago_daemon.quoting.record import LONGEST_MS, REMEMBERED, Record

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

OFFER = Offer(premium="5000", insurer_quote_id="Q-1", payment_url="https://pay.example/1")
DECLINE = Declined(reason=DeclineReason.DRIVER, message="Иванов слишком молод")


def failure(kind):
    return Failed(kind=kind, message="Иванов не найден", retryable=True)


outcomes = st.lists(
    st.tuples(
        st.sampled_from([OFFER, DECLINE, *map(failure, FailureKind)]), st.integers(0, 60_000)
    ),
    max_size=2 * REMEMBERED,
)


def record_of(noted):
    record = Record()
    for index, (outcome, elapsed_ms) in enumerate(noted):
        record.note(outcome, elapsed_ms, AT + timedelta(seconds=index))
    return record


def told(record):
    return (
        record.latency(),
        record.failures(),
        record.answered,
        record.failed,
        record.last_error,
        record.last_error_at,
    )


def test_nothing_is_known_before_the_first_outcome():
    assert told(Record()) == (None, {}, 0, 0, None, None)


def test_quantiles_are_of_answers_only():
    noted = [(OFFER, 1000 * n) for n in range(1, 101)]
    noted += [(failure(FailureKind.TIMEOUT), 60_000)] * 50
    latency = record_of(noted).latency()
    assert latency.answers == 100
    assert (latency.p50_ms, latency.p90_ms, latency.p99_ms) == (50_500, 90_100, 99_010)


def test_one_answer_is_every_quantile():
    latency = record_of([(DECLINE, 700)]).latency()
    assert (latency.answers, latency.p50_ms, latency.p90_ms, latency.p99_ms) == (1, 700, 700, 700)


def test_failures_are_shares_of_all_outcomes_the_most_frequent_first():
    noted = [(OFFER, 1)] * 4 + [(DECLINE, 1)] + [(failure(FailureKind.TIMEOUT), 1)]
    noted += [(failure(FailureKind.CONNECTION), 1)] * 2
    record = record_of(noted)
    assert list(record.failures().items()) == [
        (FailureKind.CONNECTION, 0.25),
        (FailureKind.TIMEOUT, 0.125),
    ]
    assert (record.answered, record.failed) == (5, 3)


def test_the_last_error_is_the_latest_and_an_answer_does_not_take_it_away():
    noted = [(failure(FailureKind.AUTH), 1), (failure(FailureKind.TIMEOUT), 1), (OFFER, 1)]
    record = record_of(noted)
    assert (record.last_error, record.last_error_at) == (
        FailureKind.TIMEOUT,
        AT + timedelta(seconds=1),
    )


@pytest.mark.parametrize("kind", [FailureKind.UNAVAILABLE, FailureKind.INTERNAL])
def test_what_says_nothing_of_the_insurer_leaves_no_trace(kind):
    assert record_of([(failure(kind), 5)]) == Record()


def test_the_oldest_outcomes_are_forgotten():
    noted = [(failure(FailureKind.TIMEOUT), 1)] * REMEMBERED + [(OFFER, 1)] * REMEMBERED
    record = record_of(noted)
    assert (record.failures(), record.answered) == ({}, REMEMBERED)


@given(outcomes)
def test_a_restart_forgets_nothing(noted):
    record = record_of(noted)
    again = Record()
    again.load(json.loads(json.dumps(record.snapshot())))
    assert told(again) == told(record)
    again.note(OFFER, 5, AT)
    record.note(OFFER, 5, AT)
    assert told(again) == told(record)


@given(outcomes)
def test_the_shares_and_the_answered_make_up_the_whole(noted):
    record = record_of(noted)
    total = record.answered + record.failed
    assert total <= REMEMBERED
    if total:
        whole = record.answered / total + sum(record.failures().values())
        assert whole == pytest.approx(1, abs=0.001)


def test_a_snapshot_holds_nothing_of_what_was_answered():
    noted = [(OFFER, 1), (DECLINE, 2), (failure(FailureKind.AUTH), 3)]
    text = json.dumps(record_of(noted).snapshot(), ensure_ascii=False)
    for secret in ("Иванов", "5000", "Q-1", "example", "driver"):
        assert secret not in text


def test_a_longer_memory_of_another_version_keeps_its_latest_part():
    record = Record()
    kinds = ["timeout"] * 10 + ["offer"] * REMEMBERED
    record.load({"kinds": kinds, "answer_times_ms": [1] * 9 + [7] * REMEMBERED})
    assert (record.failures(), record.latency().answers) == ({}, REMEMBERED)
    assert record.latency().p50_ms == 7


GOOD = {
    "kinds": ["offer", "timeout"],
    "answer_times_ms": [900],
    "last_error": "timeout",
    "last_error_at": AT.isoformat(),
}


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": None},
        {"kinds": "offer"},
        {"kinds": ["offer", "a word of tomorrow"]},
        {"kinds": [["offer"]]},
        {"kinds": ["unavailable"]},
        {"answer_times_ms": {}},
        {"answer_times_ms": [-1]},
        {"answer_times_ms": [1.5]},
        {"answer_times_ms": [True]},
        {"answer_times_ms": ["1"]},
        {"answer_times_ms": [LONGEST_MS + 1]},
        {"last_error": None},
        {"last_error": "no such kind"},
        {"last_error": ["timeout"]},
        {"last_error_at": None},
        {"last_error_at": "yesterday"},
        {"last_error_at": "2026-11-22T12:00:00"},
        {"last_error_at": 1},
    ],
    ids=str,
)
def test_junk_is_refused_and_changes_nothing(change):
    record = record_of([(OFFER, 5), (failure(FailureKind.AUTH), 6)])
    before = record.snapshot()
    with pytest.raises(ValueError, match=r"\w"):
        record.load(GOOD | change)
    assert record.snapshot() == before
    record.load(GOOD)
    assert record.snapshot() == GOOD


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(list(GOOD)), inner),
)


@given(json_values)
def test_whatever_stands_in_a_file_is_a_record_or_a_value_error(data):
    record = Record()
    try:
        record.load(data)
    except ValueError:
        assert record == Record()
    else:
        assert told(record)
