"""The kinds of adapters: what `adapter = "…"` may say, and what is built for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import httpx

from osago_daemon.insurers.port import Adapter
from osago_daemon.insurers.rest import RestAdapter, utc_now
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.spec import InsurerSpec

DEFAULT_KIND = "rest"
S = TypeVar("S", bound=InsurerSpec)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an adapter gets besides its table."""

    transport: httpx.AsyncBaseTransport
    secrets: Secrets
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True, slots=True)
class AdapterKind(Generic[S]):
    """A kind of adapter: the model of its table, and how one is built from it."""

    spec: type[S]
    build: Callable[[S, Surroundings], Adapter]


def _rest(spec: RestSpec, around: Surroundings) -> Adapter:
    auth = spec.auth.build(around.secrets)
    return RestAdapter(spec, around.transport, auth=auth, now=around.now)


KINDS: Mapping[str, AdapterKind[Any]] = {DEFAULT_KIND: AdapterKind(RestSpec, _rest)}


def build_adapter(spec: InsurerSpec, around: Surroundings) -> Adapter:
    """The adapter for a table; raises `SecretError` for a secret that can't be had."""
    return KINDS[spec.adapter].build(spec, around)
