"""An insurer that is nothing but a table and a handler."""

import pytest

from tests.support.trial import SECRET, Trial


@pytest.fixture
def trial(tmp_path, monkeypatch):
    monkeypatch.setenv("CANARY", SECRET)
    return Trial(tmp_path)
