"""Short socket paths: a Unix socket takes 107 bytes."""

import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def socket():
    with tempfile.TemporaryDirectory(prefix="osago-") as folder:
        yield Path(folder) / "run" / "osago.sock"
