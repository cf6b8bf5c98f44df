"""What follows from the journal's entry for whoever asks next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.quoting import journal
from osago_daemon.quoting.journal import Created, Kept, Over, Plan, Sent
from osago_daemon.storage.port import UNREADABLE

NOW = 1_000.0
KEPT = {"id": "their-1"}

names = st.sampled_from(["", "q1", "q2", "q1+"])
wishes = st.lists(st.sampled_from(["q1", "q2", "q3"]), max_size=2, unique=True).map(tuple)
texts = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)
moments = st.floats(0, 2e9)
entries = (
    st.builds(Sent, round=names, wishes=wishes)
    | st.builds(Created, round=names, wishes=wishes, kept=texts, at=moments)
    | st.builds(
        Over,
        round=names,
        wishes=wishes,
        kept=st.none() | texts,
        created_at=moments,
        until=st.none() | moments,
    )
)


@given(entries)
def test_what_is_written_is_read_back(entry):
    assert journal.decode(journal.encode(entry)) == entry


@given(st.none() | entries)
def test_a_wish_to_ask_anew_is_a_round_of_its_own_and_creates(entry):
    stored = None if entry is None else journal.encode(entry)
    assert journal.plan(stored, wishes=["q9", "q8"], now_s=NOW) == Plan("q9")


@given(entries, wishes)
def test_a_wish_is_met_by_what_was_begun_for_it(entry, wished):
    stored = journal.encode(entry)
    usual = journal.plan(stored, wishes=(), now_s=NOW)
    if set(wished) & set(entry.wishes):
        assert journal.plan(stored, wishes=wished, now_s=NOW) == usual


@given(entries)
def test_otherwise_nothing_is_created_twice_in_one_round_but_what_is_over_for_good(entry):
    plan = journal.plan(journal.encode(entry), wishes=(), now_s=NOW)
    creates = plan.kept is None and not plan.doubtful
    assert creates == (plan.round != entry.round)
    if creates:
        assert isinstance(entry, Over)


@pytest.mark.parametrize(
    ("entry", "plan"),
    [
        (None, Plan()),
        (Sent(round="q2"), Plan("q2", doubtful=True)),
        (Created(round="q1", at=5.0, kept=KEPT), Plan("q1", Kept(KEPT, 5.0))),
        (Over(kept=KEPT, created_at=5.0, until=NOW + 1), Plan("", Kept(KEPT, 5.0))),
        (Over(kept=KEPT, created_at=5.0, until=NOW), Plan("+")),
        (Over(round="q1"), Plan("q1+")),
    ],
)
def test_each_entry_says_how_to_go_about_it(entry, plan):
    stored = None if entry is None else journal.encode(entry)
    assert journal.plan(stored, wishes=(), now_s=NOW) == plan


@pytest.mark.parametrize("stored", [UNREADABLE, b"{}", b'{"state": "sent", "x": 1}', b"\xff"])
def test_what_can_not_be_read_may_have_been_a_create(stored):
    assert journal.plan(stored, wishes=(), now_s=NOW) == Plan(doubtful=True, lasting=True)
    assert journal.plan(stored, wishes=["q9"], now_s=NOW) == Plan("q9")
