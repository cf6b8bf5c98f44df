"""Reads an insurer's answer: still pending, an offer, a decline, or trouble.

A decline wins over everything that stands beside it, then the HTTP status decides, then the state.
What is required and can't be read is `Trouble(BAD_ANSWER)`; what is optional is left out.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

import structlog

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers import errors, urls, values
from osago_daemon.insurers.exact import fraction
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.nesting import deeper_than
from osago_daemon.insurers.rest_spec import AnswerSpec, State
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_DEPTH = 64
"""Real answers nest about ten deep."""

MAX_DECLINE_CHARS = 500

_ACCEPTED = 202
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

T = TypeVar("T")
Scope: TypeAlias = Mapping[str, Any]
Mask: TypeAlias = Callable[[str], str]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body read to the end. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Pending:
    """Not decided yet. `scope` is what expressions see of the answer."""

    scope: Scope = field(repr=False)
    retry_after_s: float | None = None


class AnswerReader:
    """Reads the answers of one insurer as its `answer` table says."""

    def __init__(
        self, insurer: str, spec: AnswerSpec, now: Callable[[], datetime], *, local: bool
    ) -> None:
        """`now` gives an aware time, for dates in `Retry-After`.

        `local` says that the insurer is on this machine, and so its payment links may be.
        """
        self._spec = spec
        self._local = local
        self._states = spec.states.by_word()
        self._now = now
        self._log = _log.bind(insurer=insurer)

    def read(self, answer: Answer, mask: Mask) -> Pending | Offer | Declined:
        """What the answer means. Raises `Trouble`, nothing else, whatever the answer holds."""
        body, unreadable = None, ""
        try:
            body = _decode(answer.body)
        except _KeyTwiceError:
            unreadable = "a key stands in the answer twice"
        except ValueError:
            unreadable = "the answer is not JSON"
        scope = {"status": answer.status, "headers": answer.headers, "body": body}
        word = self._word(scope)
        state = self._states.get(word.casefold()) if word is not None else None
        if state is State.DECLINED:
            return self._declined(scope, mask)
        said = answer.headers.get("retry-after")
        retry_after_s = None if said is None else errors.retry_after_s(said, self._now())
        if not answer.ok:
            raise errors.of_status(answer.status, retry_after_s, self._error_words(scope, mask))
        if unreadable:
            raise bad_answer(unreadable)
        match state or self._state_by_status(answer.status, word):
            case State.PENDING:
                return Pending(scope, retry_after_s)
            case State.ERROR:
                said = self._error_words(scope, mask)
                raise Trouble(TroubleKind.SERVER_ERROR, said or "they report an error of theirs")
            case final:
                return self._offer(scope, mask, final=final is State.OFFER)

    def _word(self, scope: Scope) -> str | None:
        """Their word for the state; None where there is none."""
        if self._spec.state is None:
            return None
        try:
            return as_text(self._spec.state.evaluate(scope))
        except ValueError:
            return None

    def _state_by_status(self, status: int, word: str | None) -> State:
        """The state of a 2xx answer that does not name one we know."""
        if word is not None:
            raise bad_answer("state: a word that answer.states does not list")
        if status == _ACCEPTED:
            return State.PENDING
        if self._spec.state is not None:
            raise bad_answer("state: not in the answer")
        return State.OFFER

    def _offer(self, scope: Scope, mask: Mask, *, final: bool) -> Offer:
        spec = self._spec
        try:
            premium = values.premium(spec.premium.evaluate(scope), spec.money)
        except ValueError as error:
            raise bad_answer(f"premium: {error}") from None
        money = partial(values.money, kind=spec.money)
        coefficients = {
            name: coefficient
            for name, expression in spec.coefficients.items()
            if (coefficient := self._optional(name, expression, scope, values.coefficient))
        }
        return Offer(
            premium=premium,
            final=final,
            base_rate=self._optional("base_rate", spec.base_rate, scope, money),
            coefficients=coefficients or None,
            commission=self._optional("commission", spec.commission, scope, money),
            valid_until=self._optional("valid_until", spec.valid_until, scope, values.moment),
            payment_url=self._optional(
                "payment_url",
                spec.payment_url,
                scope,
                partial(_impersonal_link, mask, local=self._local),
            ),
            insurer_quote_id=self._optional(
                "insurer_quote_id", spec.insurer_quote_id, scope, partial(_impersonal_id, mask)
            ),
        )

    def _declined(self, scope: Scope, mask: Mask) -> Declined:
        said = self._optional("decline_message", self._spec.decline_message, scope, values.words)
        said = said or ""
        reasons = self._spec.decline_reasons.items()
        return Declined(
            reason=next((r for p, r in reasons if p.search(said)), DeclineReason.OTHER),
            message=values.shortened(mask(said), MAX_DECLINE_CHARS),
        )

    def _error_words(self, scope: Scope, mask: Mask) -> str:
        said = self._optional("error_message", self._spec.error_message, scope, values.words)
        return values.shortened(mask(said), errors.MAX_WORDS_CHARS) if said else ""

    def _optional(
        self, key: str, expression: Expression | None, scope: Scope, read: Callable[[Any], T]
    ) -> T | None:
        """A value that an offer does without where it is missing or can't be read."""
        if expression is None:
            return None
        try:
            value = expression.evaluate(scope)
            return None if value is None else read(value)
        except ValueError as error:
            text = error.text if isinstance(error, ExpressionError) else str(error)
            self._log.debug("answer_value_dropped", key=key, problem=text)
            return None


def _impersonal_id(mask: Mask, value: object) -> str:
    """Their id of the quote, unless it is made of what it must not show."""
    found = values.identifier(value)
    if _shows(mask, found):
        raise ValueError("an id with personal data in it")
    return found


def _impersonal_link(mask: Mask, value: object, *, local: bool) -> str:
    """Their link to the payment, unless it tells whoever sees it about the application."""
    link = values.payment_url(value, local=local)
    if any(_shows(mask, said) for said in urls.said_in(link)):
        raise ValueError("a link with personal data in it")
    return link


def _shows(mask: Mask, text: str) -> bool:
    """Whether a value of theirs shows a personal one. What a UUID seems to show is chance."""
    return bool(text) and not _UUID.fullmatch(text) and mask(text) != text


class _KeyTwiceError(ValueError):
    """An object of which nobody can say which of its values counts."""


def _decode(raw: bytes) -> Any:
    """JSON with exact fractions; an empty body is null. ValueError for all else."""
    if not raw.strip():
        return None
    try:
        body = _DECODER.decode(raw.decode(_encoding(raw), "surrogatepass"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    # Most answers have fewer brackets than the limit, and need no walk.
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and deeper_than(body, MAX_DEPTH):
        raise ValueError("nested too deeply")
    return body


def _encoding(raw: bytes) -> str:
    """What `json.detect_encoding` finds, which asks for every other one first."""
    plain = len(raw) > 1 and 0 < raw[0] < 0x80 and raw[1]  # noqa: PLR2004  # ASCII, no UTF-16
    return "utf-8" if plain else json.detect_encoding(raw)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwiceError
    return found


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    parse_float=fraction, parse_constant=_not_a_number, object_pairs_hook=_object
)


def bad_answer(text: str) -> Trouble:
    """An answer that can't be made sense of; `text` repeats nothing of it."""
    return Trouble(TroubleKind.BAD_ANSWER, text)
