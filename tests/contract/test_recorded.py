"""Every recorded walk still gives the requests that were recorded, and comes to the same.

A record is made by `osago insurers record ID`; those of the pretend insurers against
`osago sandbox --seed 1` and the shipped insurers.toml.
"""

from pathlib import Path

import pytest

from osago_daemon.trying import replay

pytestmark = pytest.mark.anyio

RECORDS = sorted((Path(__file__).parent / "recorded").glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
async def test_it_replays(path):
    await replay.replay(replay.read(path))


def test_there_are_some():
    assert {path.stem for path in RECORDS} >= {"sever", "snegir", "kedr"}
