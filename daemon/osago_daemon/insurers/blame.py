"""Where others' code went wrong, in words that fit into one problem of a file."""

import traceback
from pathlib import Path

MAX_CHARS = 200


def said(error: BaseException) -> str:
    """What an exception of the import machinery says: names of modules, no values."""
    text = " ".join(str(error).partition("\n")[0].split()) or type(error).__name__
    return text if len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"


def where(bug: BaseException, module: str) -> str:
    """`TypeError at osago_inguru.py, line 12`: the innermost line of the module's package.

    Without the exception's text, which may quote a value of the file.
    """
    name = type(bug).__name__
    if isinstance(bug, SyntaxError) and bug.filename:
        return f"{name} at {Path(bug.filename).name}, line {bug.lineno}"
    package = module.partition(".")[0]
    place = ""
    for frame, line in traceback.walk_tb(bug.__traceback__):
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package:
            place = f" at {Path(frame.f_code.co_filename).name}, line {line}"
    return name + place
