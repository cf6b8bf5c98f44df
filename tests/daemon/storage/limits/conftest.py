"""Virtual time, where minutes pass."""

import pytest


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time
