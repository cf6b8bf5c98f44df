"""The `[insurers.ID]` table of the declarative REST adapter (`adapter = "rest"`, the default)."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.types import Strict

from osago_core.offer import DeclineReason
from osago_daemon.insurers import consistency, urls
from osago_daemon.insurers.auth import AuthSpec, NoAuth, reference_problems
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.tables import (
    NOT_A_CONSTANT,
    AnswerExpression,
    ConstantHeaderName,
    HeaderName,
    HeaderValue,
    Located,
    Pattern,
    RequestExpression,
    RequestTemplate,
    Table,
    is_secret_header,
    problems_error,
    value_problem,
    with_problems,
)
from osago_daemon.resilience.numbers import PacingNumbers


class State(StrEnum):
    """What an answer means. `PENDING` asks again, the others are final."""

    PENDING = "pending"
    OFFER = "offer"
    PRELIMINARY = "preliminary"
    DECLINED = "declined"
    ERROR = "error"


Money: TypeAlias = Literal["roubles", "kopecks"]
Words: TypeAlias = Annotated[tuple[str, ...], Strict(strict=False)]


def _checked_path(path: str) -> str:
    if not urls.is_path(path):
        raise value_problem("expected a path that begins with one /, such as /applications")
    return path


class StepSpec(Table):
    """One request. Its expressions see the application, `call` and, when polling, `kept`."""

    path: str
    headers: Mapping[HeaderName, RequestExpression] = Field(default_factory=dict)
    query: Mapping[str, RequestExpression] = Field(default_factory=dict)
    body: RequestTemplate | None = None

    @field_validator("headers")
    @classmethod
    def _no_secrets(cls, headers: Mapping[str, Expression]) -> Mapping[str, Expression]:
        """A constant says who we are to everybody who reads the file."""
        problems = [
            ((name,), NOT_A_CONSTANT)
            for name, expression in headers.items()
            if expression.constant and is_secret_header(name)
        ]
        if problems:
            raise problems_error("headers", problems)
        return headers

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the request."""
        yield from self.headers.values()
        yield from self.query.values()
        if self.body is not None:
            yield from self.body.expressions()


class CreateSpec(StepSpec):
    """The request that starts an application, or asks for a price in one step."""

    method: Literal["POST", "PUT", "PATCH", "GET"] = "POST"
    keep: Mapping[str, AnswerExpression] = Field(default_factory=dict)
    """Values of its answer that the poll needs."""

    @field_validator("path")
    @classmethod
    def _path(cls, path: str) -> str:
        return _checked_path(path)

    @property
    def repeatable(self) -> bool:
        """Whether twice is the same as once: the insurer is told the idempotency key."""
        return any("key" in expression.names_under("call") for expression in self.expressions())


class PollSpec(PacingNumbers, StepSpec):
    """The request that asks for the offer of an application made before, and when."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "GET"

    @field_validator("path")
    @classmethod
    def _path(cls, path: str) -> str:
        return path if path == consistency.LINK else _checked_path(path)


class StatesSpec(Table):
    """The insurer's words for each state; upper and lower case are the same."""

    pending: Words = ()
    offer: Words = ()
    preliminary: Words = ()
    declined: Words = ()
    error: Words = ()

    def by_word(self) -> dict[str, State]:
        """Casefolded word → state."""
        return {word.casefold(): State(name) for name, words in self for word in words}


class AnswerSpec(Table):
    """How every answer of this insurer is read."""

    state: AnswerExpression | None = None
    states: StatesSpec = StatesSpec()
    premium: AnswerExpression
    money: Money = "roubles"
    base_rate: AnswerExpression | None = None
    coefficients: Mapping[str, AnswerExpression] = Field(default_factory=dict)
    commission: AnswerExpression | None = None
    valid_until: AnswerExpression | None = None
    payment_url: AnswerExpression | None = None
    insurer_quote_id: AnswerExpression | None = None
    decline_message: AnswerExpression | None = None
    decline_reasons: Mapping[Pattern, Annotated[DeclineReason, Strict(strict=False)]] = Field(
        default_factory=dict
    )
    error_message: AnswerExpression | None = None


class RestSpec(InsurerSpec):
    """An insurer with one or two JSON endpoints."""

    base_url: str
    allow_http: bool = False
    auth: AuthSpec = NoAuth()
    headers: Mapping[ConstantHeaderName, HeaderValue] = Field(default_factory=dict)
    """Constants sent with every request."""
    create: CreateSpec
    poll: PollSpec | None = None
    answer: AnswerSpec

    @property
    def pacing(self) -> PacingNumbers:
        """As its `poll` says."""
        if self.poll is None:
            return super().pacing
        return PacingNumbers(**self.poll.model_dump(include=set(PacingNumbers.model_fields)))

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
        """Adds the secrets of `auth`."""
        yield from super().surroundings_problems(secrets)
        for key, text in self.auth.secret_problems(secrets):
            yield ("auth", *key), text

    @classmethod
    def surroundings_problems_of(
        cls, raw: Mapping[str, Any], secrets: Secrets
    ) -> Iterator[Located]:
        """Adds the secrets of `auth`."""
        yield from super().surroundings_problems_of(raw, secrets)
        auth = raw.get("auth")
        if isinstance(auth, Mapping):
            for key, text in reference_problems(auth, secrets):
                yield ("auth", *key), text
