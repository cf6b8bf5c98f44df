"""What is another one with each attempt, for insurers that want to see that: `attempt.NAME`."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from osago_core.moscow import MOSCOW

ROOT = "attempt"
NAMES = ("id", "now")


def attempt_at(now: datetime) -> Mapping[str, str]:
    """A new UUID, and the moment in Moscow's time; `now` is aware."""
    moment = now.astimezone(MOSCOW).isoformat(timespec="seconds")
    return {"id": str(uuid.uuid4()), "now": moment}
