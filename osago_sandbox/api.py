"""What an insurer's API consists of, without any HTTP framework: requests in, answers out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from osago_sandbox.applications import Application
from osago_sandbox.auth import Auth
from osago_sandbox.form import Form
from osago_sandbox.latency import Latency
from osago_sandbox.outcome import Price, Refusal
from osago_sandbox.rates import Rates
from osago_sandbox.underwriting import Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request. `headers` are looked up case-insensitively; `id` is out of the path."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `body` is JSON and may hold Decimals (written as JSON numbers)."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as it goes over the wire: UTF-8 JSON."""
        return json.dumps(self.body, ensure_ascii=False, default=_number).encode()


@dataclass(frozen=True, slots=True)
class ApiError(Exception):
    """An answer that is neither offer nor decline; each insurer dresses it in its own body.

    `code` is one of invalid, key_reused, unauthorized, not_found, throttled, failed.
    """

    status: int
    code: str
    message: str
    problems: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Api:
    """One insurer's dress. `accepted` and `pending` are None for the one-step kind.

    - `create`, `poll`: paths below the insurer's prefix; `{id}` is the application's.
    - `key_header`: header of the idempotency key (or `form.key`, a field of the body).
    - `error`: the body of an `ApiError`; `invalid_status`: what a bad request is answered with.
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
    invalid_status: int = 400
    key_reuse_status: int = 422
    numbered: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps it has: `create`, and `poll` unless it answers at once."""
        return ("create",) if self.poll is None else ("create", "poll")


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


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
