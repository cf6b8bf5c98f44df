"""What every test may use."""

import pytest


@pytest.fixture
def anyio_backend():
    """Production runs on asyncio; tests of one room say so where they want another."""
    return "asyncio"
