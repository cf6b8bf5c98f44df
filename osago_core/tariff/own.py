"""Where a user's own folder of the tariff is, out of insurers.toml, for clients.

Reads that one key. Everything else in the file is the daemon's business, and so is a check of the
whole folder (`validate.problems`); here one sentence says what keeps a client from following it.
"""

import re
import tomllib
from pathlib import Path

_MAY_NAME_IT = re.compile(r"""^[ \t]*\[*[ \t]*(?:["']?tariff\b|"[^"\n]*\\[uU])""", re.MULTILINE)
"""A line that may begin `[tariff]`, `tariff = …` or `tariff.directory = …`, also in quotes. Most
files have none, and parsing a long file takes longer than the rest of a calculation."""


def own_directory(insurers_file: Path) -> Path | None:
    """The folder named by `[tariff] directory`; None where the shipped tariff is meant.

    A relative path starts from the file's folder. Raises ValueError with a sentence where the file
    or the folder cannot be read, or the key holds something else.
    """
    text = _text(insurers_file)
    if _MAY_NAME_IT.search(text) is None:
        return None
    try:
        table = tomllib.loads(text).get("tariff")
    except RecursionError:
        raise ValueError(f"{insurers_file} is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{insurers_file} is not TOML: {error}") from None
    return None if table is None else _folder(insurers_file, table)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")  # Windows editors write a BOM
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None


def _folder(file: Path, table: object) -> Path:
    directory = table.get("directory") if isinstance(table, dict) else None
    if not isinstance(directory, str) or not directory:
        raise ValueError(f"{file}: tariff.directory is not the path of a folder, in quotes")
    folder = file.parent / directory
    try:
        there = (folder / "editions").is_dir()
    except OSError:  # a folder above that we may not enter
        there = False
    if not there:
        raise ValueError(f"{file}: tariff.directory: {folder} holds no readable editions/")
    return folder
