"""What `--store` says: where the store is. Owns the words for it; the stores know the rest."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from osago_daemon.storage.redis.address import RedisAddress, parse_address

FOLDER = "store"
"""Of the state directory, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class DiskAddress:
    """A folder of this machine."""

    folder: Path


@dataclass(frozen=True, slots=True)
class MemoryAddress:
    """Nowhere: what is kept ends with the process."""


StoreAddress: TypeAlias = DiskAddress | MemoryAddress | RedisAddress


def parse(text: str | None, state_dir: Path) -> StoreAddress:
    """`disk`, `disk:PATH`, `memory`, or one of Redis's addresses; None: `disk`.

    Raises ValueError that says what is wrong, without a password.
    """
    if text is None or text in {"", "disk", "disk:"}:
        return DiskAddress(state_dir.absolute() / FOLDER)
    if text == "memory":
        return MemoryAddress()
    if text.startswith("disk:"):
        return DiskAddress(Path(text.removeprefix("disk:")).expanduser().absolute())
    if "://" not in text:
        raise ValueError(
            "--store: expected disk, disk:PATH, memory, redis://… or rediss://… "
            "(also redis+sentinel://, redis+cluster://, unix:///PATH)"
        )
    try:
        return parse_address(text)
    except ValueError as error:
        raise ValueError(f"--store: {error}") from None
