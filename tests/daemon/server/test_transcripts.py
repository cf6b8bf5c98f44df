"""Conversations of every protocol number, replayed: a client of that time must not notice.

A transcript has one JSON object a line: `send` is a request, `receive` what must come back.
Within a protocol number changes only add, so what comes back may hold more than the transcript;
`"*"` stands for any value. `"@application"` sends the example.
"""

import json
from pathlib import Path

import pytest

from osago_core.offer import Offer
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.desk import Pretend, decline, example
from tests.support.server import connected, serving

pytestmark = pytest.mark.anyio

TRANSCRIPTS = sorted((Path(__file__).parents[2] / "transcripts").glob("*.jsonl"))


def holds(received, expected, where="$"):
    """Every value of the transcript is there; the first that is not, is named."""
    if expected == "*":
        return
    if isinstance(expected, dict):
        assert isinstance(received, dict), where
        for key, value in expected.items():
            assert key in received, f"{where}.{key} is missing"
            holds(received[key], value, f"{where}.{key}")
    elif isinstance(expected, list) and all(isinstance(value, str) for value in expected):
        assert [value for value in received if value in expected] == expected, where
    elif isinstance(expected, list):
        assert len(received) == len(expected), where
        for index, value in enumerate(expected):
            holds(received[index], value, f"{where}[{index}]")
    else:
        assert received == expected, where


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_client_of_that_time_does_not_notice(socket, transcript):
    insurers = {
        "a": Pretend(Offer(premium="5000.50", insurer_quote_id="A-1")),
        "b": Pretend(decline("no")),
        "c": Pretend(Trouble(TroubleKind.AUTH, "401")),
    }
    async with serving(socket, **insurers) as daemon, connected(daemon) as line:
        for step in map(json.loads, transcript.read_text().splitlines()):
            if "send" in step:
                request = step["send"]
                params = request.get("params", {})
                if params.get("application") == "@application":
                    params["application"] = example()
                await line.stream.send(json.dumps(request).encode() + b"\n")
            else:
                holds(await line.receive(), step["receive"])
