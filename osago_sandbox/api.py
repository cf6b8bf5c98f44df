"""What an insurer's API consists of, without any HTTP framework: requests in, answers out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from osago_sandbox.applications import Application
from osago_sandbox.auth import Auth, Login
from osago_sandbox.bodies import Codec, Json
from osago_sandbox.form import Form
from osago_sandbox.latency import Latency
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates
from osago_sandbox.underwriting import Rule


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `body` is what the insurer's codec writes, and may hold Decimals."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiError(Exception):
    """An answer that is neither offer nor decline; each insurer dresses it in its own body.

    `code` is one of invalid, key_reused, unauthorized, token_expired, not_found, throttled, failed.
    """

    status: int
    code: str
    message: str
    problems: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PartStep:
    """A part of the application that is sent ahead; the create then names it by its id.

    - `step`: what it is called in faults; `path`: below the insurer's prefix.
    - `holds`: the member of the body that it brings; `id_name`: the create's name of its id.
    - `taken`: the answer, by id; `unknown`: what is said of an id that nobody knows.
    """

    step: str
    path: str
    holds: str
    id_name: str
    taken: Callable[[str], Answer]
    unknown: str


@dataclass(frozen=True, kw_only=True)
class Api:
    """One insurer's dress. `accepted` and `pending` are None for the one-step kind.

    - `create`, `poll`: paths below the insurer's prefix; `{id}` is the application's.
    - `key_header`: header of the idempotency key (or `form.key`, a field of the body).
    - `codec`: how bodies travel; `part`: what is sent ahead of the create.
    - `error`: the body of an `ApiError`; `invalid_status`: what a bad request is answered with.
    - `unauthorized_status`: what somebody who is not let in is answered with.
    - `key_reuse_status`: what a known idempotency key with another content is answered with.
    - `numbered`: applications have numbers for ids, not UUIDs.
    """

    form: Form
    create: str
    offer: Callable[[Application, Price], Answer]
    declined: Callable[[Application, Refusal], Answer]
    error: Callable[[ApiError], Any]
    poll: str | None = None
    accepted: Callable[[Application], Answer] | None = None
    pending: Callable[[Application], Answer] | None = None
    key_header: str | None = None
    codec: Codec = field(default_factory=Json)
    part: PartStep | None = None
    invalid_status: int = 400
    unauthorized_status: int = 401
    key_reuse_status: int = 422
    numbered: bool = False

    def invalid(self, problems: Mapping[str, str]) -> ApiError:
        """The error of a badly filled request. `problems`: path in the body → what is wrong."""
        return ApiError(self.invalid_status, "invalid", "Запрос заполнен неверно", problems)

    def key_reused(self) -> ApiError:
        """The error of a known idempotency key with another content."""
        message = "Ключ идемпотентности уже использован для другой заявки"
        return ApiError(self.key_reuse_status, "key_reused", message)


@dataclass(frozen=True, kw_only=True)
class Insurer:
    """One pretend insurer: who it is, what its API looks like, how it prices and refuses."""

    id: str
    name: str
    about: str
    auth: Auth
    api: Api
    latency: Latency
    rates: Rates
    rules: tuple[Rule, ...]
    preliminary_without_kbm: bool = False

    @property
    def endpoints(self) -> dict[str, tuple[str, str]]:
        """Step → method and path below the insurer's prefix, in the order of a quote."""
        found = {}
        if isinstance(self.auth, Login):
            found["login"] = ("POST", self.auth.path)
        if self.api.part is not None:
            found[self.api.part.step] = ("POST", self.api.part.path)
        found["create"] = ("POST", self.api.create)
        if self.api.poll is not None:
            found["poll"] = ("GET", self.api.poll)
        return found

    @property
    def steps(self) -> tuple[str, ...]:
        """What faults tell apart. A login may have no endpoint of its own (Digest)."""
        login = ("login",) if self.auth.logs_in else ()
        return (*login, *(step for step in self.endpoints if step not in login))
