"""`kind = "bearer"`: a token that never changes."""

from typing import Literal

from osago_daemon.insurers.auth.base import Auth, AuthTable
from osago_daemon.insurers.secrets import SecretReference, Secrets


class BearerAuth(AuthTable):
    """`Authorization: Bearer TOKEN` (RFC 6750)."""

    kind: Literal["bearer"]
    token: SecretReference

    def build(self, secrets: Secrets) -> Auth:
        """Resolve the token."""
        token = self.secret(self.token, secrets)
        return Auth(headers={"Authorization": f"Bearer {token}"}, secrets=(token,))
