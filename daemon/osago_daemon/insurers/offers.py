"""Reads what an answer offers: the values of an offer, and the words of a decline.

What is required and can't be read is `Trouble(BAD_ANSWER)`; what is optional is left out.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

import structlog

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers import errors, urls, values
from osago_daemon.insurers.answer_spec import AnswerSpec
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_DECLINE_CHARS = 500
MAX_NAME_CHARS = 100

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

T = TypeVar("T")
Scope: TypeAlias = Mapping[str, Any]
Mask: TypeAlias = Callable[[str], str]

_log = structlog.get_logger(__name__)


class OfferReader:
    """Reads the values of one insurer's answers as its `answer` table says."""

    def __init__(self, insurer: str, spec: AnswerSpec, *, local: bool) -> None:
        """`local` says that the insurer is on this machine, and so its payment links may be."""
        self.insurer = insurer
        self._spec = spec
        self._local = local
        self._log = _log.bind(insurer=insurer)

    def for_items(self) -> "OfferReader":
        """For the items of one answer: what reads nothing of them is worked out once."""
        return OfferReader(self.insurer, _once_each(self._spec), local=self._local)

    def offer(self, scope: Scope, mask: Mask, *, final: bool, elsewhere: bool = False) -> Offer:
        """The offer; `elsewhere`: of an insurer that they send us to. Raises `Trouble`."""
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
        offered_by = self._optional("offered_by", spec.offered_by, scope, values.words)
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
            offered_by=_named(mask, offered_by) or ("?" if elsewhere else None),
        )

    def declined(
        self, scope: Scope, mask: Mask, reason: DeclineReason | None = None, words: str = ""
    ) -> Declined:
        """The decline; its reason by their words unless it is known, `words` where it has none."""
        said = self._optional("decline_message", self._spec.decline_message, scope, values.words)
        said = said or words
        if reason is None:
            reasons = self._spec.decline_reasons.items()
            reason = next((r for p, r in reasons if p.search(said)), DeclineReason.OTHER)
        return Declined(reason=reason, message=values.shortened(mask(said), MAX_DECLINE_CHARS))

    def redirected(self, scope: Scope, mask: Mask) -> Offer | Declined:
        """Another insurer's offer where they name its price, else only where they send us."""
        try:
            return self.offer(scope, mask, final=False, elsewhere=True)
        except Trouble:
            by = self._optional("offered_by", self._spec.offered_by, scope, values.words)
            return self.declined(scope, mask, DeclineReason.REDIRECTED, by or "")

    def error_words(self, scope: Scope) -> str:
        """What they say of an error, as they say it."""
        return self._optional("error_message", self._spec.error_message, scope, values.words) or ""

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


class _Once:
    """An expression that reads nothing of any item."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._found: tuple[Any, ExpressionError | None] | None = None

    def evaluate(self, scope: Scope) -> Any:
        """As its expression did the first time."""
        if self._found is None:
            try:
                self._found = self._expression.evaluate(scope), None
            except ExpressionError as error:
                self._found = None, error
        value, problem = self._found
        if problem is not None:
            raise problem
        return value


def _once_each(spec: AnswerSpec) -> AnswerSpec:
    """The same table, for as long as one answer is read."""

    def once(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: once(child) for name, child in value.items()}
        shared = isinstance(value, Expression) and "item" not in value.roots()
        return _Once(value) if shared else value

    return spec.model_copy(update={name: once(value) for name, value in spec})


def told(mask: Mask, words: str) -> str:
    """Their words about an error as they are repeated."""
    return values.shortened(mask(words), errors.MAX_WORDS_CHARS) if words else ""


def bad_answer(text: str) -> Trouble:
    """An answer that can't be made sense of; `text` repeats nothing of it."""
    return Trouble(TroubleKind.BAD_ANSWER, text)


def _named(mask: Mask, name: str | None) -> str | None:
    return values.shortened(mask(name), MAX_NAME_CHARS) if name else None


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
