"""Any order of calls, by any instance, against the rules read out loud."""

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osago_daemon.storage.port import Answer, Ending, Held, Lease, Taken, Word
from tests.daemon.storage.conformance.steps import key
from tests.daemon.storage.conformance.world_memory import MemoryWorld

pytestmark = pytest.mark.anyio

NAMES = ("one", "two", "three")
ROUNDS = count()
WHAT = ("claim", "fresh", "peek", "note", "finish", "release", "wait", "reopen", "clear")
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*WHAT, *WHAT[:5])),  # those that matter more, more often
        st.integers(0, 2),  # which instance
        st.integers(0, 2),  # which key
        st.integers(0, 7),  # which earlier lease, and which kind of ending
    ),
    max_size=40,
)


@dataclass
class Plain:
    """One key."""

    token: int = 0
    holder: int | None = None
    answer: tuple[bytes, int] | None = None
    entry: bytes | None = None
    words: dict[int, bytes] = field(default_factory=dict)

    def claim(self, who, *, fresh):
        if self.answer and not fresh:
            return self.answer[0]
        if self.holder is not None:
            return Held(self.token)
        self.token, self.holder = self.token + 1, who
        return Taken(self.token, self.entry)

    def has(self, who, token):
        return (self.holder, self.token) == (who, token)

    def finish(self, ending):
        self.holder, self.entry = None, ending.entry
        if ending.answer is not None:
            self.answer = (ending.answer, self.token)
        if ending.word is not None:
            self.words[self.token] = ending.word

    def outcome(self, token):
        if self.answer and self.answer[1] == token:
            return self.answer[0]
        return self.words.get(token)


def plain(result):
    return result.value if isinstance(result, Answer | Word) else result


class Round:
    """One sequence of steps, by real instances and by the model side by side."""

    def __init__(self, world, stores):
        insurer = f"r{next(ROUNDS)}"
        self.world, self.stores = world, stores
        self.keys = [key(str(n), insurer) for n in range(3)]
        self.model = [Plain() for _ in self.keys]
        self.taken = []
        self.written = count()

    async def step(self, what, who, which, choice):
        if what in ("note", "finish", "release"):
            await self.write(what, who, choice)
        elif what == "reopen":
            await self.stores[who].open()
            for one in self.model:
                one.holder = None if one.holder == who else one.holder
        elif what == "clear":
            there = sum(one.answer is not None for one in self.model)
            assert await self.stores[who].clear(self.keys[0].insurer) == there
            for one in self.model:
                one.answer = None
        elif what == "peek":
            peeked = await self.stores[who].peek(self.keys)
            wanted = [one.answer and one.answer[0] for one in self.model]
            assert [one and one.value for one in peeked] == wanted
        elif what == "wait":
            await self.wait(who, which)
        else:
            await self.claim(who, which, fresh=what == "fresh")

    async def claim(self, who, which, *, fresh):
        (claimed,) = await self.stores[who].claim([self.keys[which]], fresh=fresh)
        assert plain(claimed) == self.model[which].claim(who, fresh=fresh)
        if isinstance(claimed, Taken):
            ends_at = self.world.wall() + 1000 * self.world.unit_s
            lease = Lease(self.keys[which], claimed.token, ends_at)
            self.taken.append((which, lease))

    async def wait(self, who, which):
        """Only for what is over: nobody would end it here."""
        one = self.model[which]
        if one.holder is None:
            heard = await self.stores[who].wait(self.keys[which], one.token)
            assert plain(heard) == one.outcome(one.token)

    async def write(self, what, who, choice):
        if not self.taken:
            return
        which, lease = self.taken[-1 - choice % len(self.taken)]
        one, store = self.model[which], self.stores[who]
        allowed = one.has(who, lease.token)
        value = b"%d" % next(self.written)
        if what == "note":
            assert await store.note(lease, value) is allowed
            one.entry = value if allowed else one.entry
        elif what == "finish":
            later = self.world.wall() + 1000 * self.world.unit_s
            ending = Ending(
                answer=value if choice & 1 else None,
                answer_ends_at=later,
                entry=value if choice & 2 else None,
                word=value if choice & 4 and not choice & 1 else None,
            )
            assert await store.finish(lease, ending) is allowed
            if allowed:
                one.finish(ending)
        else:
            store.release(lease)
            if allowed:
                one.holder = None


async def follow(world, steps):
    stores = [await world.instance(name) for name in NAMES]
    round_ = Round(world, stores)
    for step in steps:
        await round_.step(*step)
    for store in stores:
        await store.close()


@settings(
    max_examples=12,  # a server takes its time
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_whatever_the_order_it_does_what_the_rules_say(world, steps):
    await follow(world, steps)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
async def test_in_memory_that_is_seen_in_many_more_orders(steps):
    await follow(MemoryWorld(), steps)
