"""`kind = "none"`."""

from typing import Literal

from osago_daemon.insurers.auth.base import Auth, AuthTable
from osago_daemon.insurers.secrets import Secrets


class NoAuth(AuthTable):
    """They don't ask who we are, or know it from our certificate (`transport.client_cert`)."""

    kind: Literal["none"] = "none"

    def build(self, secrets: Secrets) -> Auth:  # noqa: ARG002  # there are none
        """Nothing to resolve."""
        return Auth()
