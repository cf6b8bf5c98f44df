"""What the suite's tests do over and over."""

import anyio

from osago_daemon.storage.port import Ending, Key, Lease, StoreError, Taken

SOON_S = 10.0
"""Real seconds within which the other instances must have noticed a death or an ending."""


def key(fingerprint="f", insurer="a", day="2027-01-15"):
    return Key(insurer, day, fingerprint)


async def claim(store, one, *, fresh=False):
    (claimed,) = await store.claim([one], fresh=fresh)
    return claimed


async def taken(world, store, one, *, fresh=False, lasts=1000):
    """The right to ask, as soon as it is free; and what the journal says."""

    async def took():
        claimed = await claim(store, one, fresh=fresh)
        return claimed if isinstance(claimed, Taken) else None

    token, entry = await eventually(took)
    return Lease(one, token, world.wall() + lasts * world.unit_s), entry


async def kept_answer(world, store, one, value=b"answer", **more):
    lease, _ = await taken(world, store, one, fresh=True)
    assert await store.finish(lease, answered(world, value, **more))
    return lease


def answered(world, value=b"answer", *, lasts=1000, entry=None):
    return Ending(value, world.wall() + lasts * world.unit_s, entry)


async def eventually(condition):
    """What it comes to once that is true; the test fails where it never is."""
    with anyio.fail_after(SOON_S):
        while not (result := await condition()):  # noqa: ASYNC110  # other processes set no event
            await anyio.sleep(0.01)
    return result


async def refused(call):
    """What a process hears that was thought dead."""
    try:
        return await call is False
    except StoreError:
        return True


class Waiter:
    """Waits in a task of its own; `heard` once that is over."""

    def __init__(self, tasks, store, one, token):
        self.over = anyio.Event()
        self.heard = None
        self.scope = anyio.CancelScope()
        tasks.start_soon(self._wait, store, one, token)

    async def _wait(self, store, one, token):
        with self.scope:
            self.heard = await store.wait(one, token)
        self.over.set()

    async def result(self):
        with anyio.fail_after(SOON_S):
            await self.over.wait()
        return self.heard
