"""A folder for run logs."""

import pytest

from tests.daemon.storage.runlog.logs import Logs


@pytest.fixture
def logs(tmp_path):
    return Logs(tmp_path / "osagod.sock.runs")
