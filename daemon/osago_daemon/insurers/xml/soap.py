"""The SOAP envelope of what we send: its headers in HTTP, and what else goes into its Header."""

from osago_daemon.insurers.xml.names import SOAP

_ENVELOPE, _END = f"<{SOAP}:Envelope".encode(), b">"
_HEADER, _HEADER_END = f"<{SOAP}:Header>".encode(), f"</{SOAP}:Header>".encode()


def is_action(text: str) -> bool:
    """Whether a text can stand as a SOAP action between quotes in an HTTP header."""
    return text.isascii() and text.isprintable() and not set(text) & set('"\\')


def xml_headers(soap: str | None, action: str | None = None) -> dict[str, str]:
    """The HTTP headers of an XML request, whose names begin with capitals.

    SOAP 1.1 always has a `SOAPAction` (empty quotes: none), 1.2 names its action, if there is one,
    in the Content-Type. `ValueError` of an action that no header can carry, see `is_action`.
    """
    action = action or ""
    if not is_action(action):
        raise ValueError("an action is printable ASCII without quotation marks and backslashes")
    match soap:
        case None:
            return {"Content-Type": "application/xml; charset=utf-8"}
        case "1.1":
            return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        case _:
            named = f'; action="{action}"' if action else ""
            return {"Content-Type": f"application/soap+xml; charset=utf-8{named}"}


def add_soap_header(message: bytes, header: bytes) -> bytes:
    """A message of `write_xml` with one more block, of `soap_header_block`, first in its Header.

    `ValueError` of anything but such a message.
    """
    start = message.find(_ENVELOPE)
    if start < 0:
        raise ValueError("no SOAP envelope")
    # A namespace's > is written &gt;, so this is where the start tag of the envelope ends.
    inside = message.index(_END, start) + 1
    if message.startswith(_HEADER, inside):
        inside += len(_HEADER)
    else:
        header = _HEADER + header + _HEADER_END
    return message[:inside] + header + message[inside:]
