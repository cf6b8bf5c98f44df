"""Whether anything that must not be kept is left in a record, and where."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from osago_daemon.trying.masking import Masker
from osago_daemon.trying.replay import KEY

_OUR_OWN = frozenset({"insurer", "dictionaries", "format", "at"})
"""Parts that no person's values get into: they come from insurers.toml."""

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def leak_in(document: Mapping[str, Any], masker: Masker) -> str:
    """The place of the first one, such as `exchanges[1].answer.body.json.fio`; empty: none.

    The key of every replay is ours, and holds the number of many an example's document.
    """
    for place, value in _values(document, ""):
        if place.partition(".")[0].partition("[")[0] in _OUR_OWN:
            continue
        if _is_leak(value, masker):
            return place
    return "a secret" if masker.has_secret(json.dumps(document, ensure_ascii=False)) else ""


def _is_leak(value: str | float, masker: Masker) -> bool:
    if not isinstance(value, str):
        return bool(masker.number(value) != value)
    text = value.replace(KEY, "|")
    # The letters of an escape such as %BE are no series; what it stands for is looked at.
    plain = _ESCAPE.sub("%", text)
    return masker.encoded(text) != text or masker.known(plain) != plain


def _values(value: Any, place: str) -> Iterator[tuple[str, str | float]]:
    """Every text, key or number, with where it stands."""
    match value:
        case Mapping():
            for name, item in value.items():
                here = f"{place}.{name}".lstrip(".")
                yield here, str(name)
                yield from _values(item, here)
        case list():
            for index, item in enumerate(value):
                yield from _values(item, f"{place}[{index}]")
        case str():
            yield place, value
        case int() | float() if not isinstance(value, bool):
            yield place, value
