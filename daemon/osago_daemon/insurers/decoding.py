"""The body of an answer as JSON values, whether it came as JSON or XML. Nothing is guessed."""

import json
import re
from typing import Any

from osago_daemon.insurers.exact import fraction
from osago_daemon.insurers.nesting import deeper_than
from osago_daemon.insurers.xml import read_xml

MAX_DEPTH = 64
"""Real answers nest about ten deep."""

_SINGLE_BYTE = frozenset({"windows-1251", "cp1251", "koi8-r", "cp866", "iso-8859-5"})
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:-]+)""", re.IGNORECASE)


class UnreadableError(ValueError):
    """A body that is none of what it should be; the text repeats nothing of it."""


class _KeyTwiceError(ValueError):
    """An object of which nobody can say which of its values counts."""


def decode(raw: bytes, *, xml: bool = False, content_type: str = "") -> Any:
    """The body, its fractions exact; an empty one is null. Raises `UnreadableError`."""
    if not raw.strip():
        return None
    if xml:
        return _xml(raw, content_type)
    try:
        return decode_json(_as_utf8(raw, content_type))
    except _KeyTwiceError:
        raise UnreadableError("a key stands in the answer twice") from None
    except ValueError:
        raise UnreadableError("the answer is not JSON") from None


def _as_utf8(raw: bytes, content_type: str) -> bytes:
    """JSON is UTF-8 (RFC 8259), but for some who say windows-1251 and mean it."""
    match = _CHARSET.search(content_type) if ";" in content_type else None
    if match is None or match[1].lower() not in _SINGLE_BYTE:
        return raw
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode(match[1], "replace").encode()
    return raw


def decode_json(raw: bytes) -> Any:
    """JSON with exact fractions. ValueError for all else."""
    try:
        body = _DECODER.decode(raw.decode(_encoding(raw), "surrogatepass"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    # Most answers have fewer brackets than the limit, and need no walk.
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and deeper_than(body, MAX_DEPTH):
        raise ValueError("nested too deeply")
    return body


def _xml(raw: bytes, content_type: str) -> Any:
    match = _CHARSET.search(content_type)
    try:
        return read_xml(raw, charset=match[1] if match else None)
    except ValueError as error:
        raise UnreadableError(f"the answer is not XML that is read here: {error}") from None


def _encoding(raw: bytes) -> str:
    """What `json.detect_encoding` finds, which asks for every other one first."""
    plain = len(raw) > 1 and 0 < raw[0] < 0x80 and raw[1]  # noqa: PLR2004  # ASCII, no UTF-16
    return "utf-8" if plain else json.detect_encoding(raw)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwiceError
    return found


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    parse_float=fraction, parse_constant=_not_a_number, object_pairs_hook=_object
)
