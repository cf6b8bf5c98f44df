"""The `[insurers.ID]` table of the declarative adapter (`adapter = "rest"`, the default)."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.types import Strict

from osago_daemon.insurers import consistency
from osago_daemon.insurers.answer_spec import AnswerSpec, OffersSpec
from osago_daemon.insurers.auth import AuthSpec, NoAuth, reference_problems
from osago_daemon.insurers.flow import Step, flow_of
from osago_daemon.insurers.secrets import SecretError, SecretRef, SecretReference, Secrets
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.step_spec import CreateSpec, NamedStepSpec, PollSpec
from osago_daemon.insurers.tables import (
    ConstantHeaderName,
    HeaderValue,
    Located,
    problems_error,
    with_problems,
)
from osago_daemon.resilience.numbers import PacingNumbers

SECRETS = "secrets"


class RestSpec(InsurerSpec):
    """An insurer that is asked over HTTP in one or more steps, with JSON, forms or XML."""

    base_url: str
    allow_http: bool = False
    auth: AuthSpec = NoAuth()
    secrets: Mapping[str, SecretReference] = Field(default_factory=dict)
    """Name → reference, for `secret.NAME` in the expressions of requests."""
    headers: Mapping[ConstantHeaderName, HeaderValue] = Field(default_factory=dict)
    """Constants sent with every request."""
    create: CreateSpec | None = None
    poll: PollSpec | None = None
    steps: Annotated[tuple[NamedStepSpec, ...], Strict(strict=False)] = ()
    """In place of `create` and `poll`: any number, in their order."""
    answer: AnswerSpec
    offers: OffersSpec | None = None

    @cached_property
    def flow(self) -> tuple[Step, ...]:
        """Every step in its order."""
        return flow_of(self.create, self.poll, self.steps)

    @property
    def pacing(self) -> PacingNumbers:
        """As the step says that is asked again."""
        return next((step.pace for step in self.flow if step.pace is not None), super().pacing)

    @property
    def members(self) -> Mapping[str, str]:
        """The insurers whose offers stand in its answer."""
        if self.offers is None:
            return {}
        return {id_: member.name for id_, member in self.offers.members.items()}

    @model_validator(mode="wrap")
    @classmethod
    def _consistent(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Check what spans several keys also where some keys are wrong: all problems at once."""
        problems: list[Located] = []
        if isinstance(raw, Mapping):
            problems.extend(consistency.problems(raw))
        try:
            spec = handler(raw)
        except ValidationError as error:
            raise with_problems(error, problems) from None
        if problems:
            raise problems_error(cls.__name__, problems)
        return spec

    def surroundings_problems(self, secrets: Secrets) -> Iterator[Located]:
        """Adds the secrets of `auth` and of requests."""
        yield from super().surroundings_problems(secrets)
        for key, text in self.auth.secret_problems(secrets):
            yield ("auth", *key), text
        yield from _unresolved(self.secrets, secrets)

    @classmethod
    def surroundings_problems_of(
        cls, raw: Mapping[str, Any], secrets: Secrets
    ) -> Iterator[Located]:
        """Adds the secrets of `auth` and of requests."""
        yield from super().surroundings_problems_of(raw, secrets)
        auth = raw.get("auth")
        if isinstance(auth, Mapping):
            for key, text in reference_problems(auth, secrets):
                yield ("auth", *key), text
        named = raw.get(SECRETS)
        if isinstance(named, Mapping):
            yield from _unresolved(_references(named), secrets)


def _unresolved(named: Mapping[str, SecretRef], secrets: Secrets) -> Iterator[Located]:
    for name, reference in named.items():
        try:
            secrets.resolve(reference)
        except SecretError as error:
            yield (SECRETS, name), str(error)


def _references(raw: Mapping[str, Any]) -> dict[str, SecretRef]:
    """Those that are references; of the others the table's own check tells."""
    found = {}
    for name, text in raw.items():
        try:
            found[str(name)] = SecretRef.parse(str(text))
        except ValueError:
            continue
    return found
