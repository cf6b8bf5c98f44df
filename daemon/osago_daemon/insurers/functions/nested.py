"""Documents within documents: a field of an answer whose text is JSON or XML itself."""

from osago_daemon.insurers.functions.declaring import TEXT_OR_NULL, Declared, FunctionError

NESTED = Declared()

_UTF_8 = "text/xml; charset=utf-8"
"""Whatever the text says of itself: it is decoded already."""


@NESTED.function("from_json", TEXT_OR_NULL)
def from_json(text: str | None) -> object:
    """What a text of JSON says."""
    return _read("from_json", "JSON", text)


@NESTED.function("from_xml", TEXT_OR_NULL)
def from_xml(text: str | None) -> object:
    """What a text of XML says, as the body of an XML answer."""
    return _read("from_xml", "XML", text)


def _read(function: str, kind: str, text: str | None) -> object:
    # Reading XML belongs to the package that writes it, which needs expressions, which need us.
    from osago_daemon.insurers.decoding import UnreadableError, decode

    if text is None:
        return None
    try:
        return decode(text.encode(), xml=kind == "XML", content_type=_UTF_8)
    except (UnreadableError, UnicodeEncodeError):
        raise FunctionError(f"{function}() got something that is no {kind}") from None
