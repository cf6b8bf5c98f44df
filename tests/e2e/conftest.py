"""One sandbox and one daemon for all tests of a worker; a private daemon where one is killed."""

import tempfile
from pathlib import Path

import pytest

from tests.support.processes import Osago, sandbox_process, wait_for_line


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def sandbox():
    with (
        tempfile.TemporaryDirectory(prefix="osago-") as folder,
        sandbox_process(Path(folder)) as sandbox,
    ):
        yield sandbox


@pytest.fixture
def home():
    """Short, because a Unix socket's path is."""
    with tempfile.TemporaryDirectory(prefix="osago-") as folder:
        yield Path(folder)


@pytest.fixture
def osago(home, sandbox):
    """The command line without a daemon."""
    return Osago(home, sandbox.config)


@pytest.fixture(scope="session")
def served(sandbox):
    """The command line with a daemon that all tests share."""
    with tempfile.TemporaryDirectory(prefix="osago-") as folder:
        osago = Osago(Path(folder), sandbox.config)
        with osago.daemon() as daemon:
            try:
                wait_for_line(daemon, "event=ready")
                yield osago
            finally:
                daemon.terminate()


@pytest.fixture
def alone(osago, sandbox):
    """The command line with a daemon of its own, for tests that make insurers sick."""
    with osago.daemon() as daemon:
        try:
            wait_for_line(daemon, "event=ready")
            yield osago
        finally:
            daemon.terminate()
            sandbox.heal()
