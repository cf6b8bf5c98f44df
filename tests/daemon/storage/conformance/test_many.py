"""Hundreds at once: still one call, and still everybody hears of it."""

import anyio
import pytest

from osago_daemon.storage.port import Held, Lease, Taken
from tests.daemon.storage.conformance.steps import answered, key

pytestmark = pytest.mark.anyio


async def test_of_500_who_claim_at_once_exactly_one_has_it_and_all_hear_the_answer(
    world, store, other
):
    third = await world.instance("three")
    claims, heard = [], []

    async def ask(one):
        (claimed,) = await one.claim([key()])
        claims.append(claimed)
        if isinstance(claimed, Taken):
            await anyio.wait_all_tasks_blocked()
            lease = Lease(key(), claimed.token, world.wall() + 1000 * world.unit_s)
            assert await one.finish(lease, answered(world))
        elif isinstance(claimed, Held):
            heard.append((await one.wait(key(), claimed.token)).value)
        else:
            heard.append(claimed.value)

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for n in range(500):
                tasks.start_soon(ask, (store, other, third)[n % 3])
    assert sum(isinstance(claimed, Taken) for claimed in claims) == 1
    assert heard == [b"answer"] * 499


async def test_many_keys_claimed_in_different_orders_by_all_are_given_out_once_each(
    world, store, other
):
    third = await world.instance("three")
    keys = [key(str(n)) for n in range(100)]
    got = []

    async def ask(one, mine):
        claims = await one.claim(mine)
        got.extend(
            at for at, claimed in zip(mine, claims, strict=True) if isinstance(claimed, Taken)
        )

    async with anyio.create_task_group() as tasks:
        for one, mine in ((store, keys), (other, keys[::-1]), (third, keys[50:] + keys[:50])):
            tasks.start_soon(ask, one, mine)
    assert sorted(got) == sorted(keys)
