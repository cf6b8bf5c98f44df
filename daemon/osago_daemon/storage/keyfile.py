"""The secret that keys fingerprints, so that one stolen from a log or a cache reveals nobody."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def load_or_create_key(path: Path) -> bytes:
    """The key in `path` (mode 0600), made on first use; its folder is made 0700.

    Processes that start together agree on one key: whoever links the file first wins.
    Raises OSError where the folder can't be used, ValueError where the file is no key of ours.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"{path}: holds {len(key)} bytes instead of {KEY_BYTES}; put the right one back from a "
            "backup or another machine; only where there is none, remove the file and the store"
        )
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key


def _create(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename, never replaces a key that is already in use
        except FileExistsError:
            return
    finally:
        draft.unlink()
