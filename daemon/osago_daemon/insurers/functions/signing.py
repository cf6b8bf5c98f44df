"""Digests and signatures, for insurers that want to see that a request is ours and whole.

Digests over text are over its UTF-8 unless told otherwise. MD5 and SHA-1 are here because insurers
ask for them; nothing of ours rests on them.
"""

import base64
import binascii
import hashlib
import hmac

from osago_daemon.insurers.functions.declaring import (
    TEXT,
    TEXT_OR_NULL,
    Declared,
    FunctionError,
    checked,
    optional,
)

SIGNING = Declared()

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
_DRESSES = ("hex", "base64")
_CHARSETS = ("utf-8", "windows-1251")


def _algorithm(name: object) -> None:
    if name not in _ALGORITHMS:
        raise FunctionError(f"the algorithm is one of {', '.join(_ALGORITHMS)}")


def _dress(name: object) -> None:
    if name not in _DRESSES:
        raise FunctionError(f"the result is written as one of {', '.join(_DRESSES)}")


def _charset(name: object) -> None:
    if name not in _CHARSETS:
        raise FunctionError(f"the bytes are of one of {', '.join(_CHARSETS)}")


_ALGORITHM = checked(TEXT, _algorithm)
_DRESS = optional(checked(TEXT, _dress))
_CHARSET = optional(checked(TEXT, _charset))


@SIGNING.function("digest", TEXT_OR_NULL, _ALGORITHM, _DRESS, _CHARSET)
def digest(
    text: str | None, algorithm: str, dress: str = "hex", charset: str = "utf-8"
) -> str | None:
    """The digest of a text."""
    _algorithm(algorithm)
    if text is None:
        return None
    return _dressed(hashlib.new(algorithm, _bytes(text, charset)).digest(), dress)


@SIGNING.function("hmac", TEXT, TEXT_OR_NULL, _ALGORITHM, _DRESS, _CHARSET)
def hmac_of(
    key: str, text: str | None, algorithm: str, dress: str = "hex", charset: str = "utf-8"
) -> str | None:
    """The signature of a text by a shared key (RFC 2104)."""
    _algorithm(algorithm)
    if text is None:
        return None
    signature = hmac.digest(_bytes(key, charset), _bytes(text, charset), algorithm)
    return _dressed(signature, dress)


@SIGNING.function("base64", TEXT_OR_NULL)
def to_base64(text: str | None) -> str | None:
    """A text as Base64 (RFC 4648)."""
    return None if text is None else base64.b64encode(_bytes(text)).decode("ascii")


@SIGNING.function("from_base64", TEXT_OR_NULL)
def from_base64(text: str | None) -> str | None:
    """The text that Base64 stands for."""
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise FunctionError("from_base64() got something that is no Base64 of a text") from None


def _bytes(text: str, charset: str = "utf-8") -> bytes:
    _charset(charset)
    try:
        return text.encode(charset)
    except UnicodeEncodeError:  # half a character, or one that it has not
        raise FunctionError(f"a character that {charset} has not") from None


def _dressed(raw: bytes, dress: str) -> str:
    _dress(dress)
    return raw.hex() if dress == "hex" else base64.b64encode(raw).decode("ascii")
