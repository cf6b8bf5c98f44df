"""XML for people: one element a line, texts and attributes masked. Reads what is not well-formed.

Only looks at the text: what an answer means is the business of `insurers.xml`.
"""

import html
import re
from collections.abc import Iterator

from osago_core.application import MASK
from osago_daemon.trying.masking import SECRET_NAME, Masker

_PARTS = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<[^>]*>|[^<]+|<", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)(\s*=\s*)("[^"]*"|'[^']*')""")
_CDATA, _COMMENT = "<![CDATA[", "<!--"
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_INDENT = "  "


def pretty(text: str, masker: Masker) -> str:
    """The document on lines of its own."""
    lines: list[str] = []
    depth, open_ = 0, ""
    for part in _PARTS.findall(text):
        if part.startswith(("<?", "<!D", _COMMENT)):
            lines.append(_INDENT * depth + _masked_tag(part, masker))
        elif part.startswith("</"):
            depth = max(0, depth - 1)
            closing = _masked_tag(part, masker)
            if open_:  # <a>text</a>, <a></a>
                lines[-1] += closing
            else:
                lines.append(_INDENT * depth + closing)
            open_ = ""
        elif part.startswith("<") and not part.startswith(_CDATA) and part != "<":
            lines.append(_INDENT * depth + _masked_tag(part, masker))
            alone = part.endswith("/>")
            depth, open_ = (depth, "") if alone else (depth + 1, _name(part))
        elif part.strip():
            content = _masked_text(part, open_, masker)
            if open_:
                lines[-1] += content
            else:
                lines.append(_INDENT * depth + content)
    return "\n".join(lines)


def text_of(raw: bytes, charset: str | None) -> str:
    """The document's characters, as far as they can be told."""
    for name in _encodings(raw, charset):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def _encodings(raw: bytes, charset: str | None) -> Iterator[str]:
    if charset:
        yield charset
    if declared := _ENCODING.search(raw):
        yield declared[1].decode("ascii")
    yield "utf-8-sig"
    yield "cp1251"


def _name(tag: str) -> str:
    found = re.match(r"<\s*([^\s/>]+)", tag)
    return found[1].rpartition(":")[2] if found else ""


def _masked_tag(tag: str, masker: Masker) -> str:
    if tag.startswith(_COMMENT):
        return masker.text(tag)

    def attribute(found: re.Match[str]) -> str:
        name, equals, quoted = found.groups()
        if name.startswith("xmlns"):
            return found[0]
        said = html.unescape(quoted[1:-1])
        secret = SECRET_NAME.search(name.rpartition(":")[2])
        text = MASK if secret else masker.text(said)
        return f'{name}{equals}"{html.escape(text)}"'

    head = re.match(r"</?\s*[^\s/>]*", tag)
    named = head[0] if head else ""
    return masker.text(named) + _ATTRIBUTE.sub(attribute, tag[len(named) :])


def _masked_text(part: str, element: str, masker: Masker) -> str:
    if element and SECRET_NAME.search(element):
        return MASK
    if part.startswith(_CDATA):
        return f"{_CDATA}{masker.text(part[len(_CDATA) : -3])}]]>"
    text = masker.text(html.unescape(part.strip()))
    return html.escape(text, quote=False)
