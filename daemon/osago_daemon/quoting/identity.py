"""The name under which an insurer knows an application, so that it can tell a repetition."""

import hashlib
import hmac
import uuid
from datetime import date


def idempotency_key(secret: bytes, insurer: str, fingerprint: str, day: date) -> str:
    """A UUID: equal for equal insurer, application and Moscow day, and says nothing about them."""
    text = f"idempotency\n{insurer}\n{fingerprint}\n{day.isoformat()}"
    digest = hmac.digest(secret, text.encode(), hashlib.sha256)
    return str(uuid.UUID(bytes=digest[:16], version=4))
