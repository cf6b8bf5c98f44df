"""`kind = "basic"`, and what other kinds need of it: a user name and a password in one header."""

import base64
from collections.abc import Iterator
from typing import ClassVar, Literal

from osago_daemon.insurers.auth.base import Auth, AuthTable
from osago_daemon.insurers.secrets import SecretError, SecretReference, Secrets, TextOrSecret
from osago_daemon.insurers.tables import Located


def basic_pair(username: str, password: str) -> str:
    """What stands behind `Basic`, in UTF-8 (RFC 7617)."""
    return base64.b64encode(f"{username}:{password}".encode()).decode()


class UserAuth(AuthTable):
    """A user name and a password."""

    ascii_only: ClassVar[bool] = False
    username: TextOrSecret
    password: SecretReference

    def secret_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Adds a user name that can't be one."""
        problems = list(super().secret_problems(secrets))
        yield from problems
        if not any(key == ("username",) for key, _ in problems):
            try:
                self.named(secrets)
            except SecretError as error:
                yield ("username",), str(error)

    def named(self, secrets: Secrets) -> str:
        """The user name, which a colon would end early."""
        username = self.text(self.username, secrets)
        if ":" in username:
            raise SecretError("a user name can't have a colon")
        return username


class BasicAuth(UserAuth):
    """`Authorization: Basic …` in UTF-8 (RFC 7617)."""

    kind: Literal["basic"]

    def build(self, secrets: Secrets) -> Auth:
        """Resolve both."""
        password = self.secret(self.password, secrets)
        pair = basic_pair(self.named(secrets), password)
        return Auth(headers={"Authorization": f"Basic {pair}"}, secrets=(password, pair))
