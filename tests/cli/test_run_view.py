"""What a run looks like is a fold over its events, whatever the stream repeats."""

from hypothesis import given
from hypothesis import strategies as st

from osago_cli.run_view import RunView

STARTED = {
    "quote_id": "q1",
    "insurers": [{"id": "a", "name": "А"}, {"id": "b", "name": "Б"}, {"id": "c", "name": "В"}],
}


def event(seq, **fields):
    return {"quote_id": "q1", "seq": seq, **fields}


def state(seq, insurer, word, **fields):
    return event(seq, type="insurer_state", insurer=insurer, state=word, attempt=1, **fields)


EVENTS = [
    state(1, "a", "asking"),
    state(2, "b", "asking"),
    state(3, "c", "asking"),
    event(4, type="declined", insurer="c", reason="other", message="нет"),
    event(5, type="a_word_of_tomorrow", insurer="a", surprise=True),
    event(6, type="offer", insurer="b", premium=5000.0),
    state(7, "a", "waiting"),
    event(8, type="offer", insurer="a", premium=4000.0),
    event(9, type="done", reason="complete", counts={}),
]


def folded(events):
    view = RunView.of(STARTED)
    for one in events:
        view.apply(one)
    return view


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6))
def test_resuming_any_number_of_times_gives_the_same_view(breaks):
    """Each time the stream breaks somewhere and comes back at or before where it broke."""
    stream, seen = [], 0
    for further, back in breaks:
        stream += EVENTS[max(0, seen - back) : seen + further]
        seen = min(len(EVENTS), seen + further)
    assert folded(stream + EVENTS[seen:]) == folded(EVENTS)


def test_offers_are_cheapest_first_and_outcomes_as_they_came():
    view = folded(EVENTS)
    assert [offer["insurer"] for offer in view.offers()] == ["a", "b"]
    assert [outcome["insurer"] for outcome in view.outcomes] == ["c", "b", "a"]
    assert list(view.pending()) == []
    assert view.done["reason"] == "complete"


def test_an_insurer_without_an_outcome_shows_its_state():
    view = folded(EVENTS[:7])
    assert [(row.id, row.state) for row in view.pending()] == [("a", "waiting")]


def test_an_event_of_an_insurer_nobody_announced_does_no_harm():
    view = folded([event(1, type="offer", insurer="z", premium=1.0)])
    assert view.offers() == []
    assert view.name("z") == "z"


def test_of_each_kind_of_notice_the_latest_is_kept_in_the_order_they_came():
    codes = ["store_away", "store_back", "store_away"]
    view = folded(event(n, type="notice", code=code) for n, code in enumerate(codes, 1))
    assert [(notice["code"], notice["seq"]) for notice in view.notices.values()] == [
        ("store_back", 2),
        ("store_away", 3),
    ]
