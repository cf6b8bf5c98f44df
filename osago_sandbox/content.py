"""Bodies of requests: parsed with exact numbers, and told apart by what is in them."""

import hashlib
import json
import re
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from osago_core.tariff.names import fold

DIGEST_BYTES = 16
_BETWEEN = re.compile(r"[^\w+]+")  # a "+" may tell two models apart


def parsed(body: bytes) -> Any:
    """The JSON value of a body with its fractions exact; None for anything that is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def digest(body: Any, without: AbstractSet[str]) -> bytes:
    """16 bytes that stand for a JSON value without some dotted paths.

    What people write differently without meaning another thing makes no difference: the order of
    keys and of drivers; letter case, look-alikes, spaces and punctuation of texts.
    """
    encoded = _text(_canonical(body, without)).encode(errors="surrogatepass")
    return hashlib.blake2b(encoded, digest_size=DIGEST_BYTES).digest()


def _canonical(value: Any, without: AbstractSet[str], prefix: str = "") -> Any:
    match value:
        case dict():
            return {
                name: _canonical(item, without, f"{prefix}{name}.")
                for name, item in value.items()
                if prefix + name not in without
            }
        case list():
            return sorted((_canonical(item, frozenset()) for item in value), key=_text)
        case str():
            return _BETWEEN.sub("", fold(value))
        case _:
            return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
