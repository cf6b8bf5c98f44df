"""Contracts are kept over real HTTP."""

import json
from pathlib import Path

import pytest

from tests.contract.house import FILES, OUTSIDE, House
from tests.contract.server import serving

EXPECTED = Path(__file__).parent / "expected"


@pytest.fixture
async def server():
    async with serving() as server:
        yield server


@pytest.fixture
def expected(request):
    """The requests that this module's shape wants, by their lines."""
    name = request.module.SHAPE
    return json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
async def house(request, server, tmp_path):
    """This module's insurers.toml, its insurer being `server`."""
    module = request.module
    text = (FILES / f"{module.SHAPE}.toml").read_text(encoding="utf-8")
    assert text.count(OUTSIDE) == 1
    path = tmp_path / "insurers.toml"
    path.write_text(text.replace(OUTSIDE, server.url), encoding="utf-8")
    return House(path, server, getattr(module, "SECRETS", {}))
