"""The daemon's client: every `quote.start` at once over a few connections, every event timed.

Costs as little as it can, because it shares the machine with what it measures: while the run lasts
it only keeps what arrives and when, and reads it afterwards.
"""

import json
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.peak.measures import Answers

READ_BYTES = 1 << 20
DONE = b'"type":"done"'
GRACE_S = 180.0
"""A run lasts a minute from when the daemon takes it up; more than this is not waited for."""


def request(number: int, application: dict[str, Any]) -> bytes:
    call = {"application": application, "deadline_s": 60}
    message = {"jsonrpc": "2.0", "id": number, "method": "quote.start", "params": call}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass
class _Wire:
    """One connection."""

    raw: socket.socket
    unsent: memoryview
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    tail: bytes = b""

    def send(self) -> bool:
        """Whether everything is out."""
        self.unsent = self.unsent[self.raw.send(self.unsent) :]
        return not self.unsent

    def receive(self) -> int:
        """How many runs have ended with what arrived. Raises EOFError."""
        data = self.raw.recv(READ_BYTES)
        if not data:
            raise EOFError("the daemon hung up")
        self.chunks.append((time.time(), data))
        seen = self.tail + data
        self.tail = seen[-len(DONE) + 1 :]
        return seen.count(DONE)

    def lines(self) -> Iterator[tuple[float, bytes]]:
        """Each line with the time at which its end arrived."""
        rest = b""
        for at, data in self.chunks:
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield at, line


def ask(path: Path, requests: Sequence[bytes], connections: int) -> Answers:
    """Send all requests at once and listen until every run is done."""
    wires = [
        _Wire(_connected(path), memoryview(b"".join(requests[number::connections])))
        for number in range(connections)
    ]
    started_at = time.time()
    left = len(requests)
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            selector.register(wire.raw, selectors.EVENT_READ | selectors.EVENT_WRITE, wire)
        while left > 0 and time.time() < started_at + GRACE_S:
            for key, events in selector.select(1):
                if events & selectors.EVENT_WRITE and key.data.send():
                    selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                if events & selectors.EVENT_READ:
                    left -= key.data.receive()
    answers = Answers(started_at=started_at, ended_at=time.time())
    for wire in wires:
        wire.raw.close()
        _read(wire, answers)
    return answers


def _connected(path: Path) -> socket.socket:
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.connect(str(path))
    raw.setblocking(False)  # noqa: FBT003  # the library's signature
    return raw


def _read(wire: _Wire, answers: Answers) -> None:
    numbers: dict[str, int] = {}
    for at, line in wire.lines():
        if b'"type":"insurer_state"' in line:
            continue
        message = json.loads(line)
        if "method" not in message:
            _started(message, numbers, answers)
            continue
        event = message["params"]
        number, type_ = numbers[event["quote_id"]], event["type"]
        if type_ == "offer":
            answers.offers.append((number, int(event["insurer"][1:]), at))
        elif type_ in {"failed", "declined"}:
            answers.failures[event.get("kind", type_)] += 1


def _started(message: dict[str, Any], numbers: dict[str, int], answers: Answers) -> None:
    if "error" in message:
        answers.failures["refused: " + message["error"]["data"]["kind"]] += 1
        return
    result = message["result"]
    numbers[result["quote_id"]] = message["id"]
    deadline = datetime.fromisoformat(result["deadline_at"]).timestamp()
    answers.deadlines[message["id"]] = deadline
