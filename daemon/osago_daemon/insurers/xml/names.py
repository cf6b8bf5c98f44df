"""Names in XML: what may be one, and the namespaces that everybody knows by heart."""

import re
from functools import lru_cache

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP_NAMESPACES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
"""Version → the namespace of its envelope."""

SOAP = "soap"
"""The prefix of the envelope in what we send."""

RESERVED = frozenset({"xml", "xmlns", SOAP})
"""Prefixes that mean what they mean, and are declared by nobody."""

ATTRIBUTE, TEXT = "@", "#text"
"""How a key of a document begins that is an attribute, and the key of what an element says."""

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*")
_NOT_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_name(text: str) -> bool:
    """Whether a text is a name without a prefix (NCName of Namespaces in XML 1.0)."""
    return _NAME.fullmatch(text) is not None


def is_writable(text: str) -> bool:
    """Whether XML 1.0 can carry every character of a text: no control characters, no halves."""
    return _NOT_CHARACTER.search(text) is None


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2] or name


@lru_cache(maxsize=1024)
def name_problem(key: str, prefixes: frozenset[str], *, soap: bool) -> str | None:
    """What is wrong with the key of an element or, with `@`, of an attribute; None: nothing.

    `prefixes` are those that were declared; `soap` says whether there is an envelope around.
    """
    attribute = key.startswith(ATTRIBUTE)
    name = key.removeprefix(ATTRIBUTE)
    prefix, colon, rest = name.rpartition(":")
    if attribute and (name == "xmlns" or prefix == "xmlns"):
        return "namespaces are declared in `namespaces`"
    if not is_name(rest) or (colon and not is_name(prefix)):
        return f"not the name of an {'attribute' if attribute else 'element'}"
    known = attribute and (prefix == "xml" or (soap and prefix == SOAP))
    if colon and prefix not in prefixes and not known:
        return "its prefix is not declared: `namespaces` says what each stands for"
    return None
