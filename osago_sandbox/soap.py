"""SOAP 1.1: envelopes read safely, and written.

Elements are told by our own prefixes, `o:Car`, whatever the client calls them; a name of another
namespace is not ours. An element is a dict of `@attribute` and children, or a text if it has only
that; what is empty is None. Text beside attributes is `#text`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from osago_sandbox.asked import Asked
from osago_sandbox.form import Misfilled

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
MEDIA_TYPE = "text/xml"
_DEEPEST = 20
_SOAP_FAULT = "soap:Fault"


def envelope_of(body: bytes) -> Element | None:
    """The envelope; None for what is none, or declares entities."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root if root.tag == f"{{{ENVELOPE}}}Envelope" else None


@dataclass(frozen=True, kw_only=True)
class Soap:
    """One operation of a SOAP 1.1 service.

    - `namespaces`: our prefixes and what they stand for; also what faults are told in.
    - `request`: the element in soap:Body; what is read is its content.
    - `action`: the SOAPAction header.
    - `repeated`: elements that are always a list.
    """

    namespaces: Mapping[str, str]
    request: str
    action: str
    repeated: frozenset[str] = field(default_factory=frozenset)
    content_type: str = f"{MEDIA_TYPE}; charset=utf-8"

    def read(self, asked: Asked) -> Any:
        """The content of the request's element."""
        if asked.headers.get("Content-Type", "").split(";")[0].strip().lower() != MEDIA_TYPE:
            raise Misfilled({"Content-Type": f"must be {MEDIA_TYPE}"})
        if asked.headers.get("SOAPAction", "").strip('"') != self.action:
            raise Misfilled({"SOAPAction": f'must be "{self.action}"'})
        envelope = envelope_of(asked.body)
        body = None if envelope is None else envelope.find(f"{{{ENVELOPE}}}Body")
        if body is None or [self._name(child) for child in body] != [self.request]:
            raise Misfilled({"soap:Body": f"must hold one {self.request}"})
        return self._content(body[0], _DEEPEST)

    def write(self, body: Any) -> bytes:
        """An envelope around `{element: content}`."""
        declared = {"soap": ENVELOPE, **self.namespaces}
        names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in declared.items())
        inner = "".join(_written(body))
        # No XML declaration: blanks may come before it (the fault `huge`).
        return f"<soap:Envelope{names}><soap:Body>{inner}</soap:Body></soap:Envelope>".encode()

    def _name(self, element: Element) -> str:
        uri, _, name = element.tag.rpartition("}")
        for prefix, ours in self.namespaces.items():
            if uri == f"{{{ours}":
                return f"{prefix}:{name}"
        return element.tag

    def _content(self, element: Element, deepest: int) -> Any:
        if deepest == 0:
            raise Misfilled({self._name(element): "is nested too deep"})
        # Those of a namespace (xsi:nil, xsi:type, wsu:Id) say nothing of the application.
        own = ((name, text) for name, text in element.items() if not name.startswith("{"))
        told: dict[str, Any] = {f"@{name}": text for name, text in own}
        for child in element:
            name, value = self._name(child), self._content(child, deepest - 1)
            if name in self.repeated:
                told.setdefault(name, []).append(value)
            elif name in told:
                raise Misfilled({name: "stands twice"})
            else:
                told[name] = value
        text = (element.text or "").strip()
        if not told:
            return text or None
        return told | {"#text": text} if text else told


def fault(code: str, text: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a fault: a qualified code such as `soap:Client`, words, and what we add."""
    told = {"faultcode": code, "faultstring": text, "detail": detail}
    return {_SOAP_FAULT: told}


def _written(content: Mapping[str, Any]) -> Iterator[str]:
    """The children in an element's content as XML."""
    for name, value in content.items():
        if name.startswith(("@", "#")):
            continue
        for item in value if isinstance(value, list) else [value]:
            inside = item if isinstance(item, Mapping) else {"#text": item}
            attributes = (
                f" {key[1:]}={quoteattr(_text(told))}"
                for key, told in inside.items()
                if key.startswith("@")
            )
            text = escape(_text(inside.get("#text")))
            yield f"<{name}{''.join(attributes)}>{text}{''.join(_written(inside))}</{name}>"


def _text(value: object) -> str:
    return "" if value is None else str(value)
