"""`osago config init`: writes a commented insurers.toml to begin with. Never loses a file."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from osago_core import paths

SCHEMA = "docs/schema/insurers.schema.json"
"""What `schema.py` makes, as it comes with the program."""

LANGUAGES = ("en", "ru")
SECRET = "EXAMPLE_TOKEN"  # noqa: S105  # the name of a variable
"""The environment variable that the example's secret is in."""

_MODE = 0o600


def document(path: Path, *, force: bool, language: str) -> dict[str, Any]:
    """Write it; `{"written", "backup", "secret"}`, or `{"error", "file", "reason"}`.

    The error is `exists`, where only `force` goes on and keeps what was there beside it, or
    `unwritable`.
    """
    try:
        backup = _write(path, text(language), force=force)
    except FileExistsError:
        return {"error": "exists", "file": str(path), "reason": None}
    except OSError as error:
        return {"error": "unwritable", "file": str(path), "reason": error.strerror}
    return {"written": str(path), "backup": backup and str(backup), "secret": SECRET}


def text(language: str) -> str:
    """The file, its first line for editors where the schema came with the program."""
    example = Path(__file__).with_name(f"starting_{language}.toml").read_text(encoding="utf-8")
    schema = paths.shipped(SCHEMA)
    directive = f"#:schema {schema.as_uri()}\n\n" if schema.is_file() else ""
    return directive + example


def _write(path: Path, content: str, *, force: bool) -> Path | None:
    """Where what stood there was kept. Raises OSError, FileExistsError for a file in the way."""
    _make_folder(path.parent)
    if not (force and path.exists()):
        _create(path, content.encode())
        return None
    path = path.resolve()  # the file itself, where its folder has only a link
    backup = _kept(path, path.read_bytes())
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    _create(fresh, content.encode())
    fresh.replace(path)
    return backup


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:  # a file stands where the folder would be: not what `exists` tells
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None


def _kept(path: Path, content: bytes) -> Path:
    """A copy beside the file, under a name that was free."""
    for backup in _backups(path):
        with suppress(FileExistsError):
            _create(backup, content)
            return backup
    raise AssertionError("there are always more names")


def _backups(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.bak")
    for number in count(2):
        yield path.with_name(f"{path.name}.bak{number}")


def _create(path: Path, content: bytes) -> None:
    """Write a new file, for its owner only; nothing is left where it can't be written whole."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError:
        path.unlink(missing_ok=True)
        raise
