"""A process on a store, for the tests of several: does one thing and says so in lines of JSON."""

import json
import sys
import time
from pathlib import Path

import anyio

from osago_daemon.storage.disk.store import DiskStore
from osago_daemon.storage.port import Ending, Key, Lease, Place, Rule, Taken

END_OF_DAY = 4e9  # whatever the time is in the test


def say(what):
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def key(number):
    return Key("insurer", "2027-01-15", f"{number:064}")


async def hold(store, count):
    """Take keys, note something, and stay."""
    claims = await store.claim([key(n) for n in range(count)])
    for n, claimed in enumerate(claims):
        await store.note(Lease(key(n), claimed.token, END_OF_DAY), b"created")
    say([claimed.token for claimed in claims])
    await anyio.sleep_forever()


async def race(store, count):
    """Claim the same keys as everybody, each of them alone, and answer; say which were ours."""
    ours = []

    async def one(number):
        (claimed,) = await store.claim([key(number)])
        if isinstance(claimed, Taken):
            ours.append([number, claimed.token])
            lease = Lease(key(number), claimed.token, END_OF_DAY)
            assert await store.finish(lease, Ending(b"answer", END_OF_DAY))

    say("ready")
    await anyio.to_thread.run_sync(sys.stdin.readline)
    async with anyio.create_task_group() as tasks:
        for number in range(count):
            tasks.start_soon(one, number)
    say(ours)
    await anyio.to_thread.run_sync(sys.stdin.readline)  # alive until all have had their turn


async def take(store, most):
    """As many places as there are within a second of trying; say when each began."""
    taken = []
    rules = (Rule("per_second", most, 0.2), Rule("per_minute", 4 * most, 60.0))
    say("ready")
    await anyio.to_thread.run_sync(sys.stdin.readline)

    async def one():
        while len(taken) < 4 * most:
            before = time.clock_gettime(time.CLOCK_BOOTTIME)
            place = await store.take_place("insurer", rules, 0.0)
            if isinstance(place, Place):
                taken.append([before, time.clock_gettime(time.CLOCK_BOOTTIME)])
            elif place.limit == "per_minute":
                return
            else:
                await anyio.sleep(place.free_in_s)

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(one)
    say(taken)


async def main():
    folder, name, what, number = sys.argv[1:]
    store = DiskStore(Path(folder), name)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.run)
        await store.open()
        await {"hold": hold, "race": race, "take": take}[what](store, int(number))
        await store.close()
        tasks.cancel_scope.cancel()


anyio.run(main)
