"""Marks that stand beside a field's type and say what may be done with its value.

Every leaf of the application is either `Personal` or `PUBLIC`; a test holds that, so whoever adds
a field decides. The redactor and the fingerprint are driven by these marks alone.
"""

from enum import Enum


class Personal(Enum):
    """Personal under 152-FZ: never in clear in a log, an error, a metric, a cache key or a file.

    The kind says how the value shows up in running text.
    """

    NAME = "name"
    """A part of a person's name: may be declined, may be a double name."""
    DATE = "date"
    """A day, in any usual way of writing it."""
    CODE = "code"
    """Letters and digits whose spacing and dashes vary: a number, a VIN, a plate, a phone."""
    TEXT = "text"
    """Running text such as an address, whole or some of its words."""


class Openness(Enum):
    """The opposite of `Personal`: says nothing about who the person is."""

    PUBLIC = "public"


class Rating(Enum):
    """Fields count towards the price unless they say otherwise: a new field is safe by default."""

    UNRATED = "unrated"


PUBLIC = Openness.PUBLIC
UNRATED = Rating.UNRATED
