"""Insurers' limits that hold for all instances together, on top of the store they share."""

from osago_daemon.storage.limits.refresh import refresh
from osago_daemon.storage.limits.shared import SharedLimits

__all__ = ["SharedLimits", "refresh"]
