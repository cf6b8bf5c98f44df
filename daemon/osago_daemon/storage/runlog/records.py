"""What the log says of a run, as payloads of frames. Knows nothing of files or secrets.

A run is told as `begin`, its events in order, and `over`. A run that is copied to another place
says at its beginning how many events the copy has, so that half a copy is never taken for the run.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_HEAD = struct.Struct(">BH")  # kind, length of the run's id
_LENGTH = struct.Struct(">I")  # of one event
_BEGIN = struct.Struct(">dI")  # deadline in Unix seconds, events that follow for certain

_BEGIN_KIND = 1
_EVENTS_KIND = 2
_OVER_KIND = 3


@dataclass(slots=True)
class RunRecord:
    """All that is known of a run."""

    id: str
    header: bytes
    deadline: float
    """Unix seconds."""
    lines: list[bytes] = field(default_factory=list)
    over: bool = False

    def payloads(self) -> list[bytes]:
        """The run from its beginning."""
        begin = _BEGIN.pack(self.deadline, len(self.lines)) + self.header
        told = [_head(_BEGIN_KIND, self.id) + begin]
        if self.lines:
            told.append(events_payload(self.id, self.lines))
        if self.over:
            told.append(over_payload(self.id))
        return told


@dataclass(slots=True)
class Copy:
    """A run as one segment tells it."""

    run: RunRecord
    promised: int
    """How many events it must have."""

    @property
    def whole(self) -> bool:
        """Whether it says all that was known when it was begun."""
        return len(self.run.lines) >= self.promised


def events_payload(run_id: str, lines: Sequence[bytes]) -> bytes:
    """These events, the next ones of the run, as a whole: all of them are read or none."""
    parts = [_head(_EVENTS_KIND, run_id)]
    for line in lines:
        parts += (_LENGTH.pack(len(line)), line)
    return b"".join(parts)


def over_payload(run_id: str) -> bytes:
    """Says that no more events follow."""
    return _head(_OVER_KIND, run_id)


def read_copies(payloads: Iterable[bytes]) -> list[Copy]:
    """The runs that these payloads tell of, in the order in which they begin.

    Raises ValueError where something was never written by this version.
    """
    copies: list[Copy] = []
    latest: dict[str, Copy] = {}
    for payload in payloads:
        kind, run_id, body = _split(payload)
        if kind == _BEGIN_KIND:
            latest[run_id] = _begun(run_id, body)
            copies.append(latest[run_id])
        elif run_id not in latest:
            raise ValueError("a run without a beginning")
        elif kind == _EVENTS_KIND:
            latest[run_id].run.lines += _events(body)
        elif kind == _OVER_KIND:
            latest[run_id].run.over = True
        else:
            raise ValueError("a record of another version")
    return copies


def _head(kind: int, run_id: str) -> bytes:
    name = run_id.encode()
    return _HEAD.pack(kind, len(name)) + name


def _split(payload: bytes) -> tuple[int, str, bytes]:
    if len(payload) < _HEAD.size:
        raise ValueError("a record without a head")
    kind, length = _HEAD.unpack_from(payload)
    end = _HEAD.size + length
    return kind, payload[_HEAD.size : end].decode(), payload[end:]


def _events(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        start = at + _LENGTH.size
        if start > len(body):
            raise ValueError("half an event")
        at = start + _LENGTH.unpack_from(body, at)[0]
        if at > len(body):
            raise ValueError("half an event")
        yield body[start:at]


def _begun(run_id: str, body: bytes) -> Copy:
    if len(body) < _BEGIN.size:
        raise ValueError("half a beginning")
    deadline, promised = _BEGIN.unpack_from(body)
    return Copy(RunRecord(run_id, body[_BEGIN.size :], deadline), promised)
