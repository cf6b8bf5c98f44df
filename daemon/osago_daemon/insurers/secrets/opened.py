"""Secrets for who builds with them: each is looked for once, and what was used can be compared.

Two insurers that name the same program have it run once, and get the same. Compared is by a keyed
digest, so that nobody has to keep a secret in clear to notice that it has changed.
"""

import hmac
from dataclasses import dataclass, field, replace
from typing import Self

from pydantic import SecretStr

from osago_daemon.insurers.secrets.reference import SecretError, SecretRef
from osago_daemon.insurers.secrets.resolving import Secrets


@dataclass(frozen=True, slots=True)
class OpenedSecrets(Secrets):
    """What was found stays found. For one building; not to be kept afterwards."""

    found: dict[SecretRef, SecretStr | str] = field(default_factory=dict, repr=False)
    """The secret, or why it can't be had."""
    used: set[SecretRef] = field(default_factory=set, repr=False)

    @classmethod
    def of(cls, secrets: Secrets) -> Self:
        """The same places; nothing is looked for yet."""
        return cls(
            secrets.folder,
            secrets.environ,
            secrets.command_timeout_s,
            secrets.checking,
            secrets.patience,
        )

    def for_one(self) -> Self:
        """The same for one insurer: what is found is everybody's, what is used its own."""
        return replace(self, used=set())

    def resolve(self, reference: SecretRef) -> SecretStr:
        """See `Secrets`."""
        self.used.add(reference)
        if reference not in self.found:
            try:
                self.found[reference] = Secrets.resolve(self, reference)
            except SecretError as error:
                self.found[reference] = str(error)
        found = self.found[reference]
        if isinstance(found, str):
            raise SecretError(found)
        return found

    def digest(self, key: bytes) -> bytes:
        """Of every reference that was used and what it led to; tells nothing without the key."""
        digest = hmac.new(key, digestmod="sha256")
        for reference in sorted(self.used, key=lambda each: (each.scheme, each.target)):
            found = self.found[reference]
            value = "" if isinstance(found, str) else found.get_secret_value()
            for part in (reference.scheme, reference.target, value):
                raw = part.encode(errors="surrogatepass")
                digest.update(b"%d:%b" % (len(raw), raw))
        return digest.digest()
