"""A sandbox on a free port that answers at once, and who asks it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from osago_sandbox import Sandbox, Settings, running
from tests.sandbox.ask import Asker


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Settings(port=0, latency_scale=0)) as started:
        yield started


@pytest.fixture
async def http(sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the sandbox: paths are enough."""
    async with aiohttp.ClientSession(sandbox.url) as session:
        yield session


@pytest.fixture
def asking() -> Callable:
    """Opens who asks a given sandbox by the shipped insurers.toml."""

    @asynccontextmanager
    async def opened(sandbox: Sandbox) -> AsyncIterator[Asker]:
        async with aiohttp.ClientSession() as session:
            yield Asker(sandbox, session)

    return opened


@pytest.fixture
async def ask(asking, sandbox) -> AsyncIterator[Asker]:
    async with asking(sandbox) as asker:
        yield asker
