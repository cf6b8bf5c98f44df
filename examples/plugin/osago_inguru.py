"""INGURU API 4.0: everything in insurers.toml, but for a signature that each request has anew.

    Authorization: INGURU base64(sha256(login):time:age:md5(login:time:age:sha256(md5(password))))

Digests are lower-case hexadecimal, `time` is in Unix seconds, `age` is for how many seconds from
then on the signature holds.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, ClassVar

import httpx
from pydantic import Field

from osago_daemon.insurers.plugin import (
    AdapterKind,
    Auth,
    AuthTable,
    Call,
    Exit,
    RestSpec,
    SecretReference,
    Secrets,
    Session,
    TextOrSecret,
    Visit,
    build_rest,
)


def md5(text: str) -> str:
    """As they ask for it; it protects nothing that https does not."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha256(text: str) -> str:
    """In hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def signature(login: str, password: str, time_s: int, age_s: int) -> str:
    """What stands in `Authorization`."""
    proof = md5(f"{login}:{time_s}:{age_s}:{sha256(md5(password))}")
    signed = f"{sha256(login)}:{time_s}:{age_s}:{proof}"
    return f"INGURU {base64.b64encode(signed.encode()).decode()}"


class InguruAuth(AuthTable):
    """`auth = { login = "agent", password = "env:INGURU_PASSWORD" }`."""

    ascii_only: ClassVar[bool] = False  # neither travels as it is
    login: TextOrSecret
    password: SecretReference
    age_s: Annotated[int, Field(ge=1, le=3600)] = 60

    def build(self, secrets: Secrets) -> Auth:
        """Resolve both."""
        login, password = self.text(self.login, secrets), self.secret(self.password, secrets)
        sign = partial(signature, login, password, age_s=self.age_s)
        return Auth(secrets=(password,), opens=lambda way: InguruSession(sign, way, password))


class InguruSession(Session):
    """Signs for as long as the daemon runs; there is nothing to log in to."""

    def __init__(self, sign: Callable[..., str], way_out: Exit, password: str) -> None:
        """`sign` takes `time_s`."""
        super().__init__((password,))
        self._visit = InguruVisit(sign, way_out.now)

    def visit(self, call: Call) -> Visit:  # noqa: ARG002  # every request is signed alike
        """The same for all: it keeps nothing of a request."""
        return self._visit


class InguruVisit(Visit):
    """Signs each attempt with its own time: a repeated one may come after the first one's age."""

    def __init__(self, sign: Callable[..., str], now: Callable[[], datetime]) -> None:
        """`now` is the wall clock."""
        self._sign = sign
        self._now = now

    def headers(self, request: httpx.Request) -> Mapping[str, str]:  # noqa: ARG002  # nothing of it
        """The signature as of now."""
        return {"Authorization": self._sign(time_s=int(self._now().timestamp()))}


class InguruSpec(RestSpec):
    """`[insurers.ID]` with `adapter = "inguru"`: the usual table with an `auth` of its own."""

    auth: InguruAuth  # type: ignore[assignment]  # in the place of osago's own kinds


KIND = AdapterKind(InguruSpec, build_rest)
