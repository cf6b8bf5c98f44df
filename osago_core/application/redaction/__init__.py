"""Masking personal values in text on its way to a log, an error or a screen."""

from collections.abc import Iterator

from osago_core.application.model import Application
from osago_core.application.redaction.patterns import MASK, mask_patterns
from osago_core.application.redaction.redactor import Redactor
from osago_core.application.shape import leaves

__all__ = ["MASK", "Redactor", "mask_patterns", "personal_paths"]


def personal_paths() -> Iterator[str]:
    """Yield the path of every personal field once, such as `drivers[].license.number`."""
    yield from dict.fromkeys(path for path, place in leaves(Application) if place.personal)
