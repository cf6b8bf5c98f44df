"""Encrypts whatever leaves the process for a store, so that no store reveals a person.

AES-256-GCM with a random nonce: what was changed, or moved to another name, does not open. The
key comes out of the secret that also keys the fingerprints, which is never in a store itself.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
_VERSION = b"\x01"
_CHECK_HEX = 16


class Seal:
    """Seals and opens under one secret."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is that of `keyfile.py`."""
        self._cipher = AESGCM(hmac.digest(secret, b"osago seal 1", hashlib.sha256))
        self.check = hmac.digest(secret, b"osago seal check 1", hashlib.sha256).hex()[:_CHECK_HEX]
        """Equal for equal secrets, and says nothing about them."""

    def seal(self, name: str, value: bytes) -> bytes:
        """What opens under the same name only; 29 bytes longer."""
        nonce = os.urandom(NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """What was sealed under this name. Raises ValueError where it was not, or not by us."""
        if sealed[:1] != _VERSION:
            raise ValueError("sealed by another version")
        nonce, text = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, text, name.encode())
        except (InvalidTag, ValueError):
            raise ValueError("not sealed under this name and secret") from None
