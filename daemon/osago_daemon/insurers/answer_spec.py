"""The tables that say how answers are read: `answer`, and `offers` for several insurers in one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

from osago_core.offer import DeclineReason
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.names import ANSWER
from osago_daemon.insurers.spec import InsurerId
from osago_daemon.insurers.tables import (
    AnswerExpression,
    Located,
    Pattern,
    Table,
    expression_over,
    problems_error,
    value_problem,
)


class State(StrEnum):
    """What an answer means. `PENDING` asks again, the others are final. The worst one first."""

    DECLINED = "declined"
    FAILED = "failed"
    """They could not work it out: final."""
    ERROR = "error"
    MANUAL_CHECK = "manual_check"
    """Somebody of theirs looks at it first, which takes longer than a quote."""
    PENDING = "pending"
    REDIRECTED = "redirected"
    """Another insurer makes the contract."""
    PRELIMINARY = "preliminary"
    OFFER = "offer"


class ErrorKind(StrEnum):
    """What an error of theirs amounts to, by its words."""

    REJECTED_REQUEST = "rejected_request"
    AUTH = "auth"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    FAILED = "failed"
    GONE = "gone"
    PENDING = "pending"
    DECLINED = "declined"


Money: TypeAlias = Literal["roubles", "kopecks"]
Words: TypeAlias = Annotated[tuple[str, ...], Strict(strict=False)]


_compiled = expression_over(ANSWER)


def _one_or_more(raw: Any) -> Expression | tuple[Expression, ...]:
    if not isinstance(raw, (list, tuple)):
        return _compiled(raw)
    if not raw:
        raise value_problem("expected at least one expression")
    problems: list[Located] = []
    found = []
    for i, item in enumerate(raw):
        try:
            found.append(_compiled(item))
        except PydanticCustomError as error:
            problems.append(((i,), error.message()))
    if problems:
        raise problems_error("state", problems)
    return tuple(found)


OneOrMore: TypeAlias = Annotated[Expression | tuple[Expression, ...], PlainValidator(_one_or_more)]


class StatesSpec(Table):
    """The insurer's words for each state; upper and lower case are the same."""

    pending: Words = ()
    offer: Words = ()
    preliminary: Words = ()
    declined: Words = ()
    redirected: Words = ()
    """Another insurer makes the contract."""
    manual_check: Words = ()
    """Somebody of theirs looks at it first."""
    failed: Words = ()
    """They could not work it out, and asking again won't change that."""
    error: Words = ()

    def by_word(self) -> dict[str, State]:
        """Casefolded word → state."""
        return {word.casefold(): State(name) for name, words in self for word in words}


class AnswerSpec(Table):
    """How every answer of this insurer is read."""

    format: Literal["json", "xml"] | None = None
    """Left out: as the step's request."""
    state: OneOrMore | None = None
    states: StatesSpec = StatesSpec()
    premium: AnswerExpression
    money: Money = "roubles"
    base_rate: AnswerExpression | None = None
    coefficients: Mapping[str, AnswerExpression] = Field(default_factory=dict)
    commission: AnswerExpression | None = None
    valid_until: AnswerExpression | None = None
    payment_url: AnswerExpression | None = None
    insurer_quote_id: AnswerExpression | None = None
    offered_by: AnswerExpression | None = None
    """Who makes the contract, where that is another insurer."""
    decline_message: AnswerExpression | None = None
    decline_reasons: Mapping[Pattern, Annotated[DeclineReason, Strict(strict=False)]] = Field(
        default_factory=dict
    )
    error: AnswerExpression | None = None
    """True, or a code: it is an error, whatever the HTTP status."""
    error_message: AnswerExpression | None = None
    error_kinds: Mapping[Pattern, Annotated[ErrorKind, Strict(strict=False)]] = Field(
        default_factory=dict
    )
    """Regular expression over the code and the message of an error = what it amounts to."""
    retry_after: AnswerExpression | None = None
    """Seconds, where the body says what a `Retry-After` would."""

    def state_expressions(self) -> tuple[Expression, ...]:
        """Everything that says how it stands."""
        if self.state is None:
            return ()
        return (self.state,) if isinstance(self.state, Expression) else self.state


class MemberSpec(Table):
    """One of the insurers whose offers stand in the answer."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What people read."""
    code: Annotated[str, Field(min_length=1)]
    """What the answer calls it; `*` is everybody that no other member stands for."""


class OffersSpec(Table):
    """One answer with the offers of several insurers."""

    items: AnswerExpression
    """Where the list of them is."""
    insurer: AnswerExpression
    """Whose offer an `item` is."""
    members: Annotated[Mapping[InsurerId, MemberSpec], Field(min_length=1)]
    """Id → who it is: each is an insurer of its own for those who ask."""
