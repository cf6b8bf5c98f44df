"""The daemon's rooms on a virtual clock."""

import pytest
import trio.testing


@pytest.fixture
def virtual_time():
    """For `anyio_backend`: trio, where an hour of waiting takes no time at all."""
    return ("trio", {"clock": trio.testing.MockClock(autojump_threshold=0)})
