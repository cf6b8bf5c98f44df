"""The client's language: `$OSAGO_LANG`, else the locale; ru… is Russian, anything else English.

Texts stand in `ru.py` and `en.py` under the same keys; a test holds the two together.
"""

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any


def language(env: Mapping[str, str] = os.environ) -> str:
    """`ru` or `en`. The first variable that is set decides, as POSIX has it for messages."""
    for name in ("OSAGO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := env.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"


@cache
def texts(lang: str) -> Mapping[str, str]:
    """Every text of a language by its key."""
    found: Mapping[str, str] = import_module(f"osago_cli.locale.{lang}").TEXTS
    return found


def t(key: str, /, **values: Any) -> str:
    """The text in the user's language."""
    return texts(language())[key].format(**values)


def t_or(key: str, otherwise: str, /, **values: Any) -> str:
    """The text if the language has it, else what the daemon said in English."""
    template = texts(language()).get(key)
    if template is None:
        return otherwise
    try:
        return template.format(**values)
    except (KeyError, IndexError, ValueError):  # a newer daemon with other parameters
        return otherwise


def roubles(amount: float | Decimal) -> str:
    """An amount for people: `12 345,67 ₽` in Russian, `12,345.67 ₽` in English."""
    text = f"{amount:,.2f}"
    if language() == "ru":
        text = text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})
    return f"{text}\N{NO-BREAK SPACE}₽"
