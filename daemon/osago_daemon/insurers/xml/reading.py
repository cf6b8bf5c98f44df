"""An XML answer as the JSON-like values that expressions see. Knows nothing of what it says.

Straight from the events of expat to dicts: no DTD, no entities but XML's own five, nothing fetched.
Namespaces are looked at only where they decide something; expat would write a long one out again
for each element.
"""

import re
from typing import Any, TypeAlias

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from osago_daemon.insurers.xml.names import ATTRIBUTE, SOAP_NAMESPACES, TEXT, XSI, local

MAX_DEPTH = 64
"""Real answers nest about ten deep."""

MAX_ELEMENTS = 50_000
"""Some hundred times a long answer with all its offers."""

_ENVELOPES = frozenset(SOAP_NAMESPACES.values())
_UTF8_BOM = b"\xef\xbb\xbf"
_BOMS = {_UTF8_BOM: "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION_BYTES = 200
_UTF8_ALIASES = frozenset({"utf8", "utf_8", "u8"})

Content: TypeAlias = "dict[str, Any]"


def read_xml(raw: bytes, charset: str | None = None) -> Any:
    """An XML document as a value of dicts, lists, texts and None; None of a blank one.

    `{local name of the root: content}`, of a SOAP envelope (1.1, 1.2) what its Body holds. Content
    is a text, or None of an element that holds nothing or is `xsi:nil`, or a dict: an attribute is
    `@name`, text beside attributes or elements `#text`, an element that repeats a list. Prefixes
    are left out, texts stripped. An attribute without a prefix wins over one with.

    `charset` is that of the Content-Type, if it names one (RFC 7303: a byte order mark wins over
    it, and it over the declaration). Raises `ValueError`, nothing else, with a text that repeats
    nothing of the answer.
    """
    if not raw.strip().removeprefix(_UTF8_BOM).strip():
        return None
    # A blank line before the declaration is a mistake that many templates make.
    stripped = raw.lstrip()
    document = stripped if stripped.startswith(b"<") else raw
    builder = _Builder()
    try:
        _Parser(builder, _encoding(document, charset)).read(document)
    except _RefusedError:
        raise
    except DefusedXmlException:
        raise ValueError("a document type (DTD) stands in the answer") from None
    except LookupError:
        raise ValueError("the answer is in an encoding that nobody knows") from None
    except Exception:  # noqa: BLE001  # whatever expat and the codecs make of foreign bytes
        raise ValueError("the answer is not XML") from None
    return builder.result()


def _encoding(document: bytes, charset: str | None) -> str | None:
    """The encoding to read in; None: expat does as the document declares."""
    for bom, encoding in _BOMS.items():
        if document.startswith(bom):
            return encoding
    named = charset.strip(" \t\"'") if charset else ""
    declared = _DECLARED.match(document[:_DECLARATION_BYTES])
    name = (named or (declared[1].decode("ascii") if declared else "")).lower()
    # Who wrote UTF-16 into a document of single bytes copied it from where it was a string.
    no_utf16 = (
        name.startswith(("utf-16", "utf16")) and document[:1] == b"<" and document[1:2] > b"\0"
    )
    if name in _UTF8_ALIASES or no_utf16:
        return "utf-8"
    return named or None


class _RefusedError(ValueError):
    """XML, but not to be read by us."""


class _Element:
    """One that is open."""

    __slots__ = ("children", "declares", "name", "nil", "texts")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: Content = {}
        self.texts: list[str] = []
        self.nil = self.declares = False

    def add(self, name: str, value: Any) -> None:
        """One more child; values are never lists themselves."""
        children = self.children
        if name not in children:
            children[name] = value
        elif type(children[name]) is list:
            children[name].append(value)
        else:
            children[name] = [children[name], value]

    def value(self) -> Any:
        """What it says, once it is closed."""
        if self.nil:
            return None
        text = "".join(self.texts).strip() if self.texts else ""
        if not self.children:
            return text or None
        if text:
            self.children[TEXT] = text
        return self.children


class _Builder:
    """Takes expat's events, holds what they add up to."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._scopes: list[dict[str, str]] = []
        self._elements = 0
        self._envelope: str | None = None
        self._bodies: list[_Element] = []
        self._root: Content = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _RefusedError(f"more than {MAX_ELEMENTS} elements")
        if len(self._open) == MAX_DEPTH:
            raise _RefusedError("nested too deeply")
        element = _Element(name)
        if attributes:
            self._take(element, attributes)
        match len(self._open):
            case 0 if local(name) == "Envelope" and self._namespace(name) in _ENVELOPES:
                self._envelope = self._namespace(name)
            case 1 if self._envelope and local(name) == "Body":
                if self._namespace(name) == self._envelope:
                    self._bodies.append(element)
        self._open.append(element)

    def text(self, text: str) -> None:
        """Characters of the element that is open, CDATA or not."""
        self._open[-1].texts.append(text)

    def end(self, _name: str) -> None:
        """The element that is open ends."""
        element = self._open.pop()
        if element.declares:
            self._scopes.pop()
        if self._open:
            self._open[-1].add(local(element.name), element.value())
        else:
            self._root = {local(element.name): element.value()}

    def result(self) -> Any:
        """The whole document's value."""
        if self._envelope is None:
            return self._root
        if len(self._bodies) != 1:
            raise _RefusedError("not one Body in the SOAP envelope")
        children = self._bodies[0].children.items()
        return {name: value for name, value in children if name[0] not in "@#"}

    def _take(self, element: _Element, attributes: dict[str, str]) -> None:
        """Its attributes; those that declare namespaces go into the scope that begins with it."""
        prefixed: Content = {}
        scope: dict[str, str] = {}
        for name, value in attributes.items():
            if ":" not in name and name != "xmlns":
                element.children[ATTRIBUTE + name] = value.strip()
            elif name == "xmlns" or name.startswith("xmlns:"):
                scope[name[6:]] = value
            else:
                prefixed[name] = value
        if scope:
            self._scopes.append(scope)
            element.declares = True
        for name, value in prefixed.items():
            if local(name) == "nil" and self._namespace(name) == XSI:
                element.nil = value.strip() in {"true", "1"}
            else:
                element.children.setdefault(ATTRIBUTE + local(name), value.strip())

    def _namespace(self, name: str) -> str | None:
        """What the prefix of a name stands for, here."""
        prefix = name.rpartition(":")[0]
        return next((s[prefix] for s in reversed(self._scopes) if prefix in s), None)


class _Parser(DefusedExpatParser):
    """The safe parser, its events handed on as they come."""

    _parser: Any
    _source: Any

    def __init__(self, builder: _Builder, encoding: str | None) -> None:
        super().__init__(forbid_dtd=True)
        self._builder = builder
        self._source.setEncoding(encoding)

    def reset(self) -> None:
        """A new parser with the safe one's refusals, and the builder for all else."""
        super().reset()
        self._parser.buffer_text = True  # else a call for every line
        self._parser.StartElementHandler = self._builder.start
        self._parser.EndElementHandler = self._builder.end
        self._parser.CharacterDataHandler = self._builder.text
        self._parser.ProcessingInstructionHandler = None

    def read(self, document: bytes) -> None:
        """All at once: in pieces, expat begins again with each piece of a long attribute."""
        self.reset()
        try:
            self._parser.Parse(document, True)  # noqa: FBT003  # isfinal, and no name for it
        finally:
            self._parser = None  # or the circle through its handlers keeps the answer in memory
