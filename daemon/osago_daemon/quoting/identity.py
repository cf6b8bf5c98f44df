"""The name under which an insurer knows an application, so that it can tell a repetition."""

import hashlib
import hmac
import uuid

from osago_daemon.storage.port import Key


def idempotency_key(secret: bytes, key: Key, round_: str = "") -> str:
    """A UUID: equal for equal insurer, application, Moscow day and round; says nothing about them.

    A round is one more time that the application is asked anew on purpose on one day.
    """
    text = f"idempotency\n{key.insurer}\n{key.fingerprint}\n{key.day}"
    if round_:
        text += f"\n{round_}"
    digest = hmac.digest(secret, text.encode(), hashlib.sha256)
    return str(uuid.UUID(bytes=digest[:16], version=4))
