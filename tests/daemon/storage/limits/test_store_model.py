"""The shared limits of a single instance are as exact as those in this process's memory."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from osago_daemon.storage.limits import SharedLimits
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from tests.daemon.resilience.limits.test_store_model import EIGHTHS, StoreMachine


class SharedMachine(StoreMachine):
    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()

    def teardown(self):
        self.loop.close()

    def wait_for(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def open_store(self, numbers):
        self.now = 100.0  # the machine sets it once the store is open
        store = MemoryStore(MemoryHub(monotonic=lambda: self.now, wall=lambda: self.now))
        self.wait_for(store.open())
        # Without the margin for the way of an answer there is nothing to tell the two apart.
        return SharedLimits("a", numbers, store, clock=lambda: self.now, trip_s=0.0)

    @rule(seconds=EIGHTHS | st.sampled_from([20.0, 59.875, 3600.0, 86000.0]))
    def wait(self, seconds):
        """A shared place is for a request that goes out when it is given, not for keeping."""
        for request in list(self.counted):
            if seconds and request.sent_at is None:
                request.ticket.sent(self.now)
                request.sent_at = self.now
        self.now += seconds


SharedMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestSharedLimits = SharedMachine.TestCase
