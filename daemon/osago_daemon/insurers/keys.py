"""Keys of insurers.toml, as they are written there."""

import json
import re
from typing import TypeAlias

Key: TypeAlias = tuple[str | int, ...]
"""The way from the top of a file, or of a table, to a value."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key_text(key: Key) -> str:
    """A dotted key; names that TOML wants quoted are quoted, items of lists are `[0]`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False)
            text += f".{name}" if text else name
    return text
