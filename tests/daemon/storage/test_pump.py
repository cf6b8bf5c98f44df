"""Operations are carried out in order, in batches, whatever becomes of those who asked."""

import anyio
import pytest

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.pump import MAX_BATCH, Pump

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class Storage:
    """Doubles numbers, a second per batch."""

    def __init__(self):
        self.batches = []
        self.fails = None

    async def execute(self, ops):
        self.batches.append(list(ops))
        await anyio.sleep(1.0)
        if self.fails:
            raise self.fails
        return [ValueError(op) if op < 0 else 2 * op for op in ops]


@pytest.fixture
def storage():
    return Storage()


@pytest.fixture
async def pump(storage):
    pump = Pump(storage.execute, patience_s=5.0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pump.run)
        yield pump
        tasks.cancel_scope.cancel()


async def all_of(pump, ops):
    results = {}

    async def one(op):
        try:
            results[op] = await pump.do(op)
        except (StoreError, ValueError) as error:
            results[op] = error

    async with anyio.create_task_group() as tasks:
        for op in ops:
            tasks.start_soon(one, op)
    return results


async def test_one_alone_is_done_at_once(pump, storage):
    began = anyio.current_time()
    assert await pump.do(21) == 42
    assert anyio.current_time() - began == 1.0
    assert storage.batches == [[21]]


async def test_those_who_come_meanwhile_share_the_next_batch_in_their_order(pump, storage):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pump.do, 0)
        await anyio.sleep(0.5)
        for n in range(1, 4):
            tasks.start_soon(pump.do, n)
            await anyio.sleep(0.1)
    assert storage.batches == [[0], [1, 2, 3]]


async def test_a_batch_is_no_longer_than_is_fair(pump, storage):
    results = await all_of(pump, range(2 * MAX_BATCH))
    assert results == {n: 2 * n for n in range(2 * MAX_BATCH)}
    assert max(map(len, storage.batches)) == MAX_BATCH


async def test_one_that_fails_by_itself_fails_alone(pump):
    results = await all_of(pump, [1, -1, 3])
    assert (results[1], results[3]) == (2, 6)
    assert isinstance(results[-1], ValueError)


async def test_a_failure_of_the_storage_is_heard_by_its_whole_batch_and_no_other(pump, storage):
    storage.fails = StoreError("gone")
    results = await all_of(pump, range(3))
    assert {str(error) for error in results.values()} == {"gone"}
    storage.fails = None
    assert await pump.do(1) == 2


async def test_nobody_waits_longer_than_the_patience(storage):
    never = anyio.Event()

    async def hang(_ops):
        await never.wait()

    pump = Pump(hang, patience_s=5.0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pump.run)
        began = anyio.current_time()
        with pytest.raises(StoreError, match="no answer within 5 s"):
            await pump.do(1)
        assert anyio.current_time() - began == 5.0
        await pump.flushed()
        assert anyio.current_time() - began == 10.0
        tasks.cancel_scope.cancel()
    assert storage.batches == []


async def test_what_was_asked_for_is_done_though_who_asked_is_gone(pump, storage):
    with anyio.move_on_after(0.5):
        await pump.do(1)
    assert await pump.do(2) == 4
    assert storage.batches == [[1], [2]]


async def test_what_is_told_is_done_after_what_was_asked_before_and_nobody_waits(pump, storage):
    pump.tell(1)
    pump.tell(2)
    assert storage.batches == []
    await pump.do(3)
    assert storage.batches == [[1, 2, 3]]


async def test_flushed_is_when_nothing_is_left_to_do(pump, storage):
    await pump.flushed()
    pump.tell(1)
    await anyio.sleep(0.5)
    pump.tell(2)
    began = anyio.current_time()
    await pump.flushed()
    assert anyio.current_time() - began == 1.5
    assert storage.batches == [[1], [2]]
