"""The insurers' limits, kept by all instances together and counted by hand."""

import math

import pytest

from osago_daemon.storage.port import PAUSE, Full, Place, Rule
from tests.daemon.storage.conformance.steps import eventually

pytestmark = pytest.mark.anyio

FAR = 1000
"""In units: never within a test."""


class Insurer:
    """One insurer as its rules see it, with several instances asking."""

    def __init__(self, world, *stores, most=3, units=2, name="a"):
        self.world = world
        self.stores = stores
        self.period_s = units * world.unit_s
        self.rules = [Rule("short", most, self.period_s)]
        self.name = name

    async def take(self, n=0, arrival=FAR):
        store = self.stores[n % len(self.stores)]
        return await store.take_place(self.name, self.rules, arrival * self.world.unit_s)

    async def place(self, n=0, arrival=FAR):
        """One that is there by now, or as soon as the others have told of what is over."""

        async def took():
            got = await self.take(n, arrival)
            return got if isinstance(got, Place) else None

        return await eventually(took)

    async def fill(self, **more):
        return [await self.take(n, **more) for n in range(self.rules[0].most)]

    async def window_over(self):
        """As long as a place may count after its end."""
        await self.world.advance(self.period_s * (1 + self.world.grain) + 0.05)

    async def used(self, n=0):
        usage = await self.stores[n % len(self.stores)].usage({self.name: self.rules})
        return usage[self.name].used[0].used


@pytest.fixture
async def insurer(world, store, other):
    return Insurer(world, store, other)


async def test_all_places_are_usable_at_once_and_not_one_more(insurer):
    places = await insurer.fill()
    assert all(isinstance(place, Place) for place in places)
    assert len({place.number for place in places}) == 3
    for n in range(2):
        full = await insurer.take(n)
        assert isinstance(full, Full)
        assert full.limit == "short"
        assert full.free_in_s > 0
    assert [await insurer.used(n) for n in range(2)] == [3, 3]


async def test_a_place_comes_back_a_window_after_its_end_to_whoever_asks(insurer, world):
    first, *_ = await insurer.fill()
    ended_at = world.now()
    insurer.stores[0].end_place(first)
    await world.advance(insurer.period_s / 2)
    full = await insurer.take(1)
    # A place here would have been too early, unless the machine was that slow.
    assert isinstance(full, Full) or world.now() >= ended_at + insurer.period_s
    await insurer.window_over()
    await insurer.place(1)
    assert isinstance(await insurer.take(0), Full)


async def test_it_says_when_there_is_room_again(insurer, world):
    first, *_ = await insurer.fill()
    began = world.now()
    insurer.stores[0].end_place(first)
    await world.advance(insurer.period_s / 4)
    full = await insurer.take()
    assert isinstance(full, Full)
    latest = insurer.period_s * (1 + insurer.world.grain)
    assert insurer.period_s - (world.now() - began) <= full.free_in_s + 0.1 * world.unit_s
    assert full.free_in_s <= latest
    await world.advance(full.free_in_s + insurer.period_s * world.grain + 0.01)
    await insurer.place()


async def test_what_has_not_ended_counts_for_as_long_as_it_lasts(insurer):
    await insurer.fill()
    await insurer.window_over()
    assert isinstance(await insurer.take(), Full)
    assert await insurer.used() == 3


async def test_a_silent_one_counts_until_a_window_after_it_can_have_arrived(insurer, world):
    taken_at = world.now()
    await insurer.fill(arrival=1)
    await world.advance(insurer.period_s)
    full = await insurer.take(1)
    assert isinstance(full, Full) or world.now() >= taken_at + insurer.period_s + world.unit_s
    await world.advance(insurer.period_s * world.grain + world.unit_s + 0.05)
    await insurer.place(1)


async def test_a_late_end_counts_longer_where_nobody_was_let_through_for_it(insurer, world):
    (slow, *_) = await insurer.fill(arrival=1)
    await world.advance(1.5 * world.unit_s)  # past its arrival, well within its window
    insurer.stores[1].end_place(slow)
    ended_at = world.now()
    await world.advance(1.6 * world.unit_s)  # the other two are over
    places = [await insurer.take(n) for n in range(3)]
    late = world.now() >= ended_at + insurer.period_s
    assert [type(place) for place in places] == [Place, Place, Full] or late


async def test_an_end_is_told_by_whichever_instance_and_more_than_once_is_nothing(insurer):
    first, *_ = await insurer.fill()
    for store in insurer.stores:
        store.end_place(first)
    await insurer.window_over()
    await insurer.place()
    assert isinstance(await insurer.take(), Full)
    insurer.stores[0].end_place(first)
    assert isinstance(await insurer.take(), Full)


async def test_what_was_dropped_never_was(insurer):
    first, second, _ = await insurer.fill()
    insurer.stores[0].drop_place(first)
    insurer.stores[1].drop_place(second)

    async def free():
        return await insurer.used() == 1

    await eventually(free)
    again = [await insurer.take(n) for n in range(3)]
    assert [type(one) for one in again] == [Place, Place, Full]


async def test_dropping_what_is_unknown_changes_nothing(insurer):
    insurer.stores[0].drop_place(Place("a", 999_999))
    insurer.stores[0].end_place(Place("nobody", 1))
    await insurer.fill()
    assert isinstance(await insurer.take(), Full)


async def test_a_place_is_taken_in_all_windows_or_in_none(world, store):
    insurer = Insurer(world, store)
    insurer.rules = [Rule("short", 2, 2 * world.unit_s), Rule("long", 3, FAR * world.unit_s)]
    ended = [await insurer.take() for _ in range(2)]
    for place in ended:
        store.end_place(place)
    full = await insurer.take()
    assert isinstance(full, Full)
    assert full.limit == "short"
    await world.advance(2 * world.unit_s * (1 + world.grain) + 0.05)
    await insurer.place()
    full = await insurer.take()
    assert isinstance(full, Full)
    assert full.limit == "long"
    short, long = (await store.usage({"a": insurer.rules}))["a"].used
    assert (short.limit, short.free_in_s) == ("short", 0)
    assert short.used <= 1
    assert (long.limit, long.used) == ("long", 3)
    assert long.free_in_s > 2 * world.unit_s


async def test_insurers_don_t_count_for_one_another(world, store, other):
    a, b = (Insurer(world, store, other, name=name) for name in "ab")
    await a.fill()
    assert all(isinstance(place, Place) for place in await b.fill())
    usage = await other.usage({"a": a.rules, "b": b.rules, "new": b.rules})
    assert [usage[name].used[0].used for name in ("a", "b", "new")] == [3, 3, 0]
    assert usage["new"].used[0].free_in_s == 0


async def test_rules_may_change_and_what_was_taken_counts_in_the_new_ones(insurer):
    await insurer.fill()
    insurer.rules = [Rule("short", 5, insurer.period_s)]
    taken = [await insurer.take(n) for n in range(3)]
    assert [type(one) for one in taken] == [Place, Place, Full]
    insurer.rules = [Rule("short", 2, insurer.period_s)]
    assert isinstance(await insurer.take(), Full)
    assert await insurer.used() == 5


async def test_nobody_gets_a_place_while_one_of_them_heard_to_pause(insurer, world):
    insurer.stores[0].pause("a", FAR * world.unit_s)

    async def paused():
        return (await insurer.stores[1].usage({"a": insurer.rules}))["a"].paused_for_s > 0

    await eventually(paused)
    full = await insurer.take(1)
    assert isinstance(full, Full)
    assert full.limit == PAUSE
    assert (FAR - 100) * world.unit_s < full.free_in_s <= FAR * world.unit_s * (1 + world.grain)
    insurer.stores[1].pause("a", world.unit_s)  # shorter: changes nothing
    full = await insurer.take(0)
    assert isinstance(full, Full)
    assert full.free_in_s > 10 * world.unit_s
    assert isinstance(await Insurer(world, *insurer.stores, name="b").take(), Place)


async def test_resuming_ends_a_pause_for_all(insurer, world):
    insurer.stores[0].pause("a", FAR * world.unit_s)
    insurer.stores[0].resume("a")

    await insurer.place(1)


async def test_a_pause_ends_by_itself(insurer, world):
    insurer.stores[0].pause("a", world.unit_s)
    await world.advance(1.1 * world.unit_s + 0.05)
    await insurer.place(1)
    assert (await insurer.stores[0].usage({"a": insurer.rules}))["a"].paused_for_s == 0


async def test_what_was_sent_while_it_was_away_counts(insurer, world):
    half_s = insurer.period_s / 2
    began = world.now()
    await insurer.stores[0].add_places("a", [half_s, half_s, 10 * insurer.period_s, 0.0])
    full = await insurer.take(1)
    assert isinstance(full, Full) or world.now() - began >= half_s
    await world.advance(half_s + insurer.period_s * world.grain + 0.05)
    places = [await insurer.take(n) for n in range(3)]
    late = world.now() - began >= insurer.period_s
    assert [type(one) for one in places] == [Place, Place, Full] or late
    await insurer.stores[0].add_places("a", [])


async def test_more_may_be_added_than_there_are_places(insurer):
    await insurer.stores[0].add_places("a", [0.0] * 10)
    assert isinstance(await insurer.take(1), Full)
    assert await insurer.used(1) == 10


async def test_places_outlive_the_process_that_took_them(insurer, world):
    await insurer.fill()
    await world.kill(insurer.stores[0])
    assert isinstance(await insurer.take(1), Full)
    assert await insurer.used(1) == 3


async def test_no_window_is_ever_too_full_and_no_place_is_lost(world, store, other):
    insurer = Insurer(world, store, other, most=5, units=1)
    under_way, ends, refused = [], [], 0
    for step in range(80):
        before = world.now()
        got = await insurer.take(step)
        if not isinstance(got, Place):
            refused += 1
            assert got.free_in_s < math.inf
            longest_s = insurer.period_s * (1 + world.grain)
            if len(under_way) + sum(end + longest_s > before for end in ends) < 5:
                got = await insurer.place(step)  # must come: there is room by all that was told
        if isinstance(got, Place):
            counts = [end for end in ends if end + insurer.period_s > world.now()]
            assert len(counts) + len(under_way) < 5
            under_way.append(got)
        if len(under_way) > step % 3:
            ends.append(world.now())
            insurer.stores[(step + 1) % 2].end_place(under_way.pop(0))
        if step % 4 == 3:
            await world.advance(insurer.period_s / 8)
    assert refused > 5
    assert len(ends) > 10
