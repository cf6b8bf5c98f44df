"""The content of a request or an answer for people: pretty, masked, cut at a readable length."""

import email
import json
import re
from email.message import Message
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from osago_core.application import MASK
from osago_daemon.insurers.decoding import decode_json
from osago_daemon.insurers.exact import for_json
from osago_daemon.trying import markup
from osago_daemon.trying.masking import SECRET_NAME, Masker

MAX_CHARS = 6_000
"""Of a body that is shown: more than any request has, and than anybody reads of an answer."""
MAX_BYTES = 256 * 1024
"""Of a body that is looked into at all."""

Kind: TypeAlias = Literal["none", "json", "form", "multipart", "xml", "text", "binary"]
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:-]+)""", re.IGNORECASE)


class Shown(NamedTuple):
    """What is shown of a body. `cut`: how many characters of the pretty text are not."""

    kind: Kind
    text: str = ""
    cut: int = 0
    size: int = 0
    """Bytes, as it went over the wire (unpacked)."""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return self._asdict()


def shown(raw: bytes, content_type: str, masker: Masker) -> Shown:
    """The body as far as it is shown."""
    if not raw.strip():
        return Shown("none", size=len(raw))
    if len(raw) > MAX_BYTES:
        return Shown("binary", size=len(raw))
    kind, text = _pretty(raw, content_type, masker)
    cut = max(0, len(text) - MAX_CHARS)
    return Shown(kind, text[:MAX_CHARS], cut, len(raw))


def _pretty(raw: bytes, content_type: str, masker: Masker) -> tuple[Kind, str]:
    type_ = content_type.partition(";")[0].strip().lower()
    if type_ == "application/x-www-form-urlencoded":
        return "form", form(raw.decode("utf-8", "replace"), masker)
    if type_.startswith("multipart/"):
        return "multipart", _multipart(raw, content_type, masker)
    try:
        return "json", json_text(masker.value(decode_json(raw)))
    except ValueError:
        pass
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        charset = _CHARSET.search(content_type)
        return "xml", markup.pretty(markup.text_of(raw, charset[1] if charset else None), masker)
    if b"\0" in raw:
        return "binary", ""
    return "text", masker.text(markup.text_of(raw, None))


def form(text: str, masker: Masker) -> str:
    """`name = value`, a line for each."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return "\n".join(f"{masker.text(name)} = {masker.value(value, name)}" for name, value in pairs)


def json_text(value: Any) -> str:
    """Pretty JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=for_json)


def _multipart(raw: bytes, content_type: str, masker: Masker) -> str:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.message_from_bytes(head + raw)
    parts = message.get_payload()
    if not isinstance(parts, list):
        return MASK
    return "\n".join(_part(part, masker) for part in parts if isinstance(part, Message))


def _part(part: Message, masker: Masker) -> str:
    name = str(part.get_param("name", "?", "content-disposition"))
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    filename = part.get_filename()
    head = masker.text(name) + (f" (file {masker.text(filename)})" if filename else "")
    if SECRET_NAME.search(name):
        return f"{head} = {MASK}"
    given = part.get("Content-Type", "")
    kind, text = _pretty(raw, given, masker) if raw.strip() else ("none", "")
    return f"{head} = {text if kind != 'binary' else f'({len(raw)} bytes)'}"
