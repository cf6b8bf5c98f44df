"""What follows from the journal's entry for whoever asks next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.quoting import journal
from osago_daemon.quoting.journal import Created, Kept, Over, Plan, Sent
from osago_daemon.storage.port import UNREADABLE

NOW = 1_000.0
KEPT = {"id": "their-1"}

rounds = st.integers(0, 5)
texts = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)
moments = st.floats(0, 2e9)
entries = (
    st.builds(Sent, round=rounds, at=moments)
    | st.builds(Created, round=rounds, kept=texts, at=moments)
    | st.builds(Over, round=rounds, kept=st.none() | texts, at=moments, until=st.none() | moments)
)


@given(entries)
def test_what_is_written_is_read_back(entry):
    assert journal.decode(journal.encode(entry)) == entry


@given(entries)
def test_asking_anew_on_purpose_is_another_round_and_creates(entry):
    plan = journal.plan(journal.encode(entry), anew_since_s=entry.at, now_s=NOW)
    assert plan == Plan(entry.round + 1)


@given(entries)
def test_what_was_begun_since_is_what_was_wanted_anew(entry):
    stored = journal.encode(entry)
    usual = journal.plan(stored, anew_since_s=None, now_s=NOW)
    assert journal.plan(stored, anew_since_s=entry.at - 1, now_s=NOW) == usual


@given(entries)
def test_otherwise_nothing_is_created_twice_in_one_round_but_what_is_over_for_good(entry):
    plan = journal.plan(journal.encode(entry), anew_since_s=None, now_s=NOW)
    creates = plan.kept is None and not plan.doubtful
    assert creates == (plan.round > entry.round)
    if creates:
        assert isinstance(entry, Over)


@pytest.mark.parametrize(
    ("entry", "plan"),
    [
        (None, Plan()),
        (Sent(round=2, at=5.0), Plan(2, doubtful=True)),
        (Created(round=1, at=5.0, kept=KEPT), Plan(1, Kept(KEPT, 5.0))),
        (Over(round=0, at=9.0, kept=KEPT, created_at=5.0, until=NOW + 1), Plan(0, Kept(KEPT, 5.0))),
        (Over(round=0, at=9.0, kept=KEPT, created_at=5.0, until=NOW), Plan(1)),
        (Over(round=0, at=9.0), Plan(1)),
    ],
)
def test_each_entry_says_how_to_go_about_it(entry, plan):
    stored = None if entry is None else journal.encode(entry)
    assert journal.plan(stored, anew_since_s=None, now_s=NOW) == plan


@pytest.mark.parametrize("stored", [UNREADABLE, b"{}", b'{"state": "sent"}', b"\xff"])
def test_what_can_not_be_read_may_have_been_a_create(stored):
    assert journal.plan(stored, anew_since_s=None, now_s=NOW) == Plan(doubtful=True)
    assert journal.plan(stored, anew_since_s=1.0, now_s=NOW) == Plan()
