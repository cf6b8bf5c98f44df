"""What every insurer's table has, whatever the kind of its adapter. Defaults and their reasons."""

import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    ValidationError,
    model_validator,
)

from osago_daemon.insurers import urls
from osago_daemon.insurers.auth import repeating
from osago_daemon.insurers.secrets import NOT_HERE, SecretError, SecretRef, Secrets
from osago_daemon.insurers.tables import (
    Located,
    Table,
    problems_error,
    value_problem,
    with_problems,
)
from osago_daemon.insurers.transport import TlsFilesError, TlsOptions, Transport, TransportOptions
from osago_daemon.resilience.numbers import (
    ATTEMPT_TIMEOUT_S,
    BreakerNumbers,
    LimitNumbers,
    PacingNumbers,
    PipelineNumbers,
    RetryNumbers,
    Seconds,
)

_ID = re.compile(r"[a-z][a-z0-9_-]*")


def _insurer_id(raw: Any) -> str:
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise value_problem("expected an id such as sever: small letters, digits, - and _")
    return raw


InsurerId: TypeAlias = Annotated[str, PlainValidator(_insurer_id)]

_TLS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

_PROXY = "expected http://host:port, or a reference such as env:NAME"


def _proxy(raw: Any) -> SecretRef | str:
    """A proxy's URL, or a reference to one where it holds a password."""
    if isinstance(raw, str) and raw.startswith(("http://", "https://")):
        if "@" in raw:
            raise value_problem(
                'a secret does not belong in this file: write proxy = "env:NAME" or "file:PATH"'
            )
        if not urls.is_proxy_url(raw):
            raise value_problem(_PROXY)
        return raw
    if isinstance(raw, str) and raw.startswith(("env:", "file:", "credential:")):
        try:
            return SecretRef.parse(raw)
        except ValueError as error:
            raise value_problem(str(error)) from None
    raise value_problem(_PROXY)


class TransportSpec(Table):
    """How bytes get to the insurer. Paths are relative to the folder of insurers.toml."""

    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    min_tls: Literal["1.2", "1.3"] = "1.2"
    """The oldest version of TLS that is spoken; before 1.2 there is none that is safe."""
    proxy: Annotated[SecretRef | str | None, PlainValidator(_proxy)] = None
    max_body_bytes: Annotated[int, Field(ge=1024)] = TransportOptions.max_body_bytes

    def options(self, secrets: Secrets) -> TransportOptions:
        """For `Transport`; insurers with equal options can share one. Raises `SecretError`."""

        def path(name: str | None) -> Path | None:
            return None if name is None else secrets.folder / name

        proxy = self.proxy
        if isinstance(proxy, SecretRef):
            reference, proxy = proxy, secrets.resolve(proxy).get_secret_value()
            if not urls.is_proxy_url(proxy):
                raise SecretError(f"{reference} is not http://host:port or http://user:…@host:port")
        return TransportOptions(
            tls=TlsOptions(
                ca_file=path(self.ca_file),
                client_cert=path(self.client_cert),
                client_key=path(self.client_key),
                minimum_version=_TLS[self.min_tls],
            ),
            proxy=proxy,
            max_body_bytes=self.max_body_bytes,
        )

    def surroundings_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Files that are not there or hold no certificate, a secret that can't be found."""
        missing = [
            name
            for name in ("ca_file", "client_cert", "client_key")
            if (path := getattr(self, name)) is not None and not (secrets.folder / path).is_file()
        ]
        for name in missing:
            yield (name,), "there is no such file"
        try:
            options = self.options(secrets)
        except SecretError as error:
            yield ("proxy",), str(error)
            return
        if not missing:
            try:
                Transport(options)  # reads the files, opens nothing
            except TlsFilesError as error:
                yield (), str(error)
            except ValueError:
                yield ("proxy",), _PROXY


class InsurerSpec(Table):
    """One `[insurers.ID]` table, as far as it is the same for every kind of adapter."""

    id: InsurerId
    """From the table's name."""
    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What people read."""
    adapter: str = "rest"
    enabled: bool = True
    attempt_timeout_s: Seconds = ATTEMPT_TIMEOUT_S
    retry: RetryNumbers = RetryNumbers()
    breaker: BreakerNumbers = BreakerNumbers()
    limits: LimitNumbers = LimitNumbers()
    transport: TransportSpec = TransportSpec()

    @property
    def pipeline(self) -> PipelineNumbers:
        """The numbers of its pipeline."""
        return PipelineNumbers(
            attempt_timeout_s=self.attempt_timeout_s,
            retry=self.retry,
            breaker=self.breaker,
            limits=self.limits,
        )

    @property
    def pacing(self) -> PacingNumbers:
        """When to ask for a decision; a kind of adapter that lets its users say so overrides it."""
        return PacingNumbers()

    @property
    def members(self) -> Mapping[str, str]:
        """Id → name of the insurers that it answers for; none: for itself."""
        return {}

    @model_validator(mode="wrap")
    @classmethod
    def _repeats(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A login that has to send a refused request again may do so."""
        problems = list(repeating.problems(raw)) if isinstance(raw, Mapping) else []
        try:
            spec = handler(raw)
        except ValidationError as error:
            raise with_problems(error, problems) from None
        if problems:
            raise problems_error(cls.__name__, problems)
        return spec

    def surroundings_problems(self, secrets: Secrets) -> Iterator[Located]:
        """What this table needs from outside the file and doesn't find: secrets, certificates."""
        for key, text in self.transport.surroundings_problems(secrets):
            yield ("transport", *key), text
        for name, value in self:
            if isinstance(value, SecretRef):
                yield from self._secret_problems(name, value, secrets)

    def _secret_problems(
        self, name: str, reference: SecretRef, secrets: Secrets
    ) -> Iterator[Located]:
        """Of a reference that is a key of this table itself, as plug-ins have them."""
        if reference.scheme == "plain":
            if not urls.is_loopback_url(str(getattr(self, "base_url", ""))):
                yield (name,), NOT_HERE
            return
        try:
            secrets.resolve(reference)
        except SecretError as error:
            yield (name,), str(error)

    @classmethod
    def surroundings_problems_of(
        cls, raw: Mapping[str, Any], secrets: Secrets
    ) -> Iterator[Located]:
        """The same of a table that has mistakes, as far as they leave it readable."""
        try:
            transport = TransportSpec.model_validate(raw.get("transport", {}))
        except ValidationError:
            return
        for key, text in transport.surroundings_problems(secrets):
            yield ("transport", *key), text
