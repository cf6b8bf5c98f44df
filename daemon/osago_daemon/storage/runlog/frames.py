"""Sealed payloads one after the other in a file. Knows nothing of what they say.

A frame is the length of what follows (four bytes) and the sealed payload. It opens only in the
file and at the place it was written for, so that frames can't be changed, swapped or left out.
"""

import struct
from typing import NamedTuple

from osago_daemon.storage.seal import Seal

_LENGTH = struct.Struct(">I")


class Frames(NamedTuple):
    """What could be read of a file."""

    payloads: list[bytes]
    whole: bool
    """Whether that is all of it; else what follows is torn, changed or under another secret."""


def make_frame(seal: Seal, segment: int, place: int, payload: bytes) -> bytes:
    """The frame number `place` (from 0) of a segment."""
    sealed = seal.seal(_name(segment, place), payload)
    return _LENGTH.pack(len(sealed)) + sealed


def read_frames(seal: Seal, segment: int, data: bytes) -> Frames:
    """The payloads as far as they open."""
    payloads: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH.size
        if start > len(data):
            return Frames(payloads, whole=False)
        end = start + _LENGTH.unpack_from(data, at)[0]
        if end > len(data):
            return Frames(payloads, whole=False)
        try:
            payloads.append(seal.open(_name(segment, len(payloads)), data[start:end]))
        except ValueError:
            return Frames(payloads, whole=False)
        at = end
    return Frames(payloads, whole=True)


def _name(segment: int, place: int) -> str:
    return f"runlog1 {segment} {place}"
