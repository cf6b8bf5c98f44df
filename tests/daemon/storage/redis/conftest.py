"""One real Valkey for the folder, emptied before each test; and stores on it or on others."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.daemon.storage.redis.steps import all_stores
from tests.support.valkey import valkey


@pytest.fixture
def folder():
    """Short: a socket's path must be."""
    path = Path(tempfile.mkdtemp(prefix="valkey"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def shared_server():
    with tempfile.TemporaryDirectory(prefix="valkey") as path, valkey(Path(path)) as server:
        yield server


@pytest.fixture
def server(shared_server):
    shared_server.do("FLUSHALL")
    return shared_server


@pytest.fixture
async def stores(anyio_backend):  # noqa: ARG001  # makes it run in the test's loop
    async with all_stores() as there:
        yield there
