"""A fixed place and day, for what is told in local time."""

import time
from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def moscow_noon(monkeypatch):
    """It is noon of 22 November 2026 in Moscow (UTC+3)."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "MSK-3")
        time.tzset()
        patch.setattr("osago_cli.output.wording._now", NOON.astimezone)
        yield
    time.tzset()
