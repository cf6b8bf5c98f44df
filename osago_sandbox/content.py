"""Bodies of requests: parsed with exact numbers, and told apart by what is in them."""

import hashlib
import json
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

DIGEST_BYTES = 16


def parsed(body: bytes) -> Any:
    """The JSON value of a body with its fractions exact; None for anything that is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def digest(body: Any, without: AbstractSet[str]) -> bytes:
    """16 bytes that stand for a JSON value without some dotted paths.

    The order of keys and the letter case of texts make no difference.
    """
    text = json.dumps(_pruned(body, without), sort_keys=True, ensure_ascii=False, default=str)
    encoded = text.casefold().encode(errors="surrogatepass")
    return hashlib.blake2b(encoded, digest_size=DIGEST_BYTES).digest()


def _pruned(value: Any, without: AbstractSet[str], prefix: str = "") -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: _pruned(item, without, f"{prefix}{name}.")
        for name, item in value.items()
        if prefix + name not in without
    }
