"""Who is served next, against the rule read out loud."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Exchange, Rank
from osago_daemon.resilience.limits.order import Order
from osago_daemon.resilience.limits.slots import SortedSlots


def exchange(client="a", rank=Rank.INTERACTIVE, *, continuing=False):
    return Exchange(None, Deadline(60.0), None, rank=rank, client=client, continuing=continuing)


def served(order, waiting):
    """Everybody's names in the order in which they are served."""
    names = []
    while (name := order.first()) is not None:
        order.serve(waiting[name], name)
        names.append(name)
    return names


def joined(*people):
    order, waiting = Order(), {}
    for name, who in people:
        order.join(who, name)
        waiting[name] = who
    return order, waiting


def test_interactive_before_batch_and_what_is_begun_before_what_would_begin():
    order, waiting = joined(
        ("batch", exchange(rank=Rank.BATCH)),
        ("batch poll", exchange(rank=Rank.BATCH, continuing=True)),
        ("create", exchange()),
        ("poll", exchange(continuing=True)),
    )
    assert served(order, waiting) == ["poll", "create", "batch poll", "batch"]


def test_a_clients_hundred_do_not_starve_anothers_one():
    order, waiting = joined(*((n, exchange("many")) for n in range(100)), ("one", exchange("few")))
    assert order.ahead_of_new(exchange("third")) == 2
    assert served(order, waiting)[:3] == [0, "one", 1]


def test_a_client_that_comes_back_at_once_takes_turns_with_one_that_queues():
    order, waiting = joined(*((n, exchange("many")) for n in range(10)))
    who = exchange("again")
    names = []
    order.join(who, "again")
    for _ in range(10):
        name = order.first()
        order.serve(waiting.get(name, who), name)
        names.append(name)
        if name == "again":
            order.join(who, "again")
    assert names == [0, "again", 1, "again", 2, "again", 3, "again", 4, "again"]


def test_a_client_that_gave_up_most_of_its_turns_is_not_kept_at_the_end_for_it():
    order, waiting = joined(
        *((n, exchange("many")) for n in range(100)), *((-n, exchange("b")) for n in range(1, 4))
    )
    for n in range(99):
        order.withdraw(waiting[n], n)
    assert served(order, waiting) == [99, -1, -2, -3]


CLASSES = [(rank, continuing) for rank in Rank for continuing in (True, False)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "serve", "withdraw"]),
        st.integers(0, 3),
        st.sampled_from("abc"),
        st.integers(0, 10_000),
    ),
    max_size=120,
)


@given(steps=STEPS)
def test_nobody_is_lost_and_everybody_is_where_it_was_said(steps):
    order, waiting = Order(), {}
    for number, (step, class_, client, pick) in enumerate(steps):
        rank, continuing = CLASSES[class_]
        if step == "join":
            who = exchange(client, rank, continuing=continuing)
            ahead = order.ahead_of_new(who)
            order.join(who, number)
            waiting[number] = who
            assert list(order)[ahead] == number
        elif waiting:
            name = order.first() if step == "serve" else sorted(waiting)[pick % len(waiting)]
            who = waiting.pop(name)
            (order.serve if step == "serve" else order.withdraw)(who, name)
        everybody = list(order)
        assert sorted(everybody) == sorted(waiting)
        assert order.waiting == len(waiting)
        assert order.first() == (everybody[0] if everybody else None)
        classes = [(waiting[name].rank, not waiting[name].continuing) for name in everybody]
        assert classes == sorted(classes)
        queues = {}
        for name in everybody:
            who = waiting[name]
            queues.setdefault((who.client, who.rank, who.continuing), []).append(name)
        for queue in queues.values():
            assert queue == sorted(queue), "first come, first served"


@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=5), seed=st.integers(0, 999))
def test_while_all_wait_no_client_is_ever_two_turns_ahead_of_another(sizes, seed):
    people = [(client, n) for client, size in enumerate(sizes) for n in range(size)]
    random.Random(seed).shuffle(people)
    order, waiting = joined(*((person, exchange(person[0])) for person in people))
    names = served(order, waiting)
    left, turns = dict(enumerate(sizes)), dict.fromkeys(range(len(sizes)), 0)
    for client, _ in names:
        assert all(turns[client] <= turns[other] for other in left if left[other])
        turns[client] += 1
        left[client] -= 1


@pytest.mark.parametrize("seed", range(3))
def test_slots_stay_in_order_and_counted_among_thousands(seed):
    chance = random.Random(seed)
    slots, plain = SortedSlots(), []
    for number in range(6000):
        if plain and chance.random() < 0.3:
            slots.remove(plain.pop(chance.randrange(len(plain))))
        else:
            slot = (chance.randrange(4), chance.randrange(900), number)
            slots.add(slot)
            plain.append(slot)
    plain.sort()
    assert list(slots) == plain
    assert slots.first() == plain[0]
    assert all(slots.before(slot) == index for index, slot in enumerate(plain))
    assert slots.before((9, 0, 0)) == len(plain)
    for slot in plain:
        slots.remove(slot)
    assert (slots.first(), list(slots), slots.before((0, 0, 0))) == (None, [], 0)
