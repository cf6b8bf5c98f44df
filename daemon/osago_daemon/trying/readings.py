"""What each expression over an answer gave, with the place where it stands in insurers.toml.

Evaluates the table's expressions once more, as the engine did, and tells what it would swallow: a
value that was dropped, a word that nobody listed. Every value is masked.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from osago_daemon.insurers import urls, values
from osago_daemon.insurers.answer_spec import AnswerSpec
from osago_daemon.insurers.evaluators import is_false
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.trying.exchanges import link_shown
from osago_daemon.trying.masking import SECRET_NAME, Masker

MAX_ITEMS = 20
"""Of an answer with several insurers' offers: more are counted, not shown."""

Scope = Mapping[str, Any]
Place = Callable[[Key], dict[str, Any]]
Read = Callable[[Any], Any]


class Readings:
    """The expressions of one insurer over its answers."""

    def __init__(self, spec: RestSpec, place: Place, masker: Masker) -> None:
        """`place` gives the key and line of a key below the insurer's table."""
        self._spec = spec
        self._place = place
        self._masker = masker
        self._local = urls.is_loopback_url(spec.base_url)

    def of(self, step: Step, scope: Scope, *, kept: bool, decided: bool) -> list[dict[str, Any]]:
        """Of one answer. `kept`: the walk went on from it; `decided`: it is final."""
        found = [*self._states(scope, in_items=False)]
        found += self._errors(scope)
        if kept:
            found += self._kept(step, scope)
        if decided and step.decides:
            if self._spec.offers is None:
                found += self._values(scope)
            else:
                found += self._items(scope)
        return found

    def links(self, scope: Scope) -> Iterator[str]:
        """The links to the payment in an answer: they open what they lead to."""
        expression, offers = self._spec.answer.payment_url, self._spec.offers
        if expression is None:
            return
        yield from _texts(expression, scope)
        items = None
        if offers is not None:
            try:
                items = offers.items.evaluate(scope)
            except ExpressionError:
                return
        for item in items if isinstance(items, list) else []:
            yield from _texts(expression, {**scope, "item": item})

    def _kept(self, step: Step, scope: Scope) -> Iterator[dict[str, Any]]:
        for name, expression in step.spec.keep.items():
            told = self._told((*step.key, "keep", name), expression, scope, _not_empty)
            if SECRET_NAME.search(name):
                self._masker.learn(*_texts(expression, scope))
                told["value"] = self._masker.value(told["value"], name)
            yield told

    def _states(self, scope: Scope, *, in_items: bool) -> Iterator[dict[str, Any]]:
        spec = self._spec.answer
        words = spec.states.by_word()

        def read(value: Any) -> str:
            word = as_text(value)
            if word is None:
                raise ValueError("not in the answer")
            state = words.get(word.casefold())
            if state is None:
                raise ValueError("a word that answer.states does not list")
            return state.value

        several = not isinstance(spec.state, Expression)
        for index, expression in enumerate(spec.state_expressions()):
            if ("item" in expression.roots()) is in_items:
                key: Key = ("answer", "state", index) if several else ("answer", "state")
                yield self._told(key, expression, scope, read)

    def _errors(self, scope: Scope) -> Iterator[dict[str, Any]]:
        spec = self._spec.answer
        if spec.error is not None:
            yield self._told(("answer", "error"), spec.error, scope, _error)
        for name in ("error_message", "retry_after"):
            expression = getattr(spec, name)
            if expression is not None and _there(expression, scope):
                read = values.words if name == "error_message" else as_text
                yield self._told(("answer", name), expression, scope, read)

    def _values(self, scope: Scope) -> Iterator[dict[str, Any]]:
        """What an offer or a decline is made of."""
        spec = self._spec.answer
        for name, read in self._readers(spec).items():
            expression = getattr(spec, name)
            if expression is not None:
                yield self._told(("answer", name), expression, scope, read)
        for name, expression in spec.coefficients.items():
            key = ("answer", "coefficients", name)
            yield self._told(key, expression, scope, values.coefficient)

    def _items(self, scope: Scope) -> Iterator[dict[str, Any]]:
        """The same of each insurer that the answer tells of."""
        offers = self._spec.offers
        assert offers is not None  # noqa: S101  # asked before
        try:
            items = offers.items.evaluate(scope)
        except ExpressionError:
            items = None
        items = [items] if isinstance(items, dict) else items
        count = len(items) if isinstance(items, list) else None
        told = self._told(("offers", "items"), offers.items, scope, lambda _: count)
        told["value"] = None if count is None else f"[{count}]"
        if count is None:
            told.setdefault("error", "no list in the answer")
        yield told
        codes = {member.code: id_ for id_, member in offers.members.items()}

        def member(value: Any) -> str:
            id_ = codes.get(as_text(value) or "", codes.get("*"))
            if id_ is None:
                raise ValueError("no member has this code: passed over")
            return id_

        for index, item in enumerate((items or [])[:MAX_ITEMS] if count else []):
            within = {**scope, "item": item}
            of_item = [self._told(("offers", "insurer"), offers.insurer, within, member)]
            of_item += self._states(within, in_items=True)
            of_item += self._values(within)
            yield from ({**each, "item": index} for each in of_item)

    def _readers(self, spec: AnswerSpec) -> dict[str, Read]:
        money = partial(values.money, kind=spec.money)
        return {
            "premium": partial(values.premium, kind=spec.money),
            "base_rate": money,
            "commission": money,
            "valid_until": values.moment,
            "payment_url": partial(values.payment_url, local=self._local),
            "insurer_quote_id": values.identifier,
            "offered_by": values.words,
            "decline_message": values.words,
        }

    def _told(self, key: Key, expression: Expression, scope: Scope, read: Read) -> dict[str, Any]:
        told: dict[str, Any] = {**self._place(key), "expression": expression.text, "value": None}
        try:
            value = expression.evaluate(scope)
        except ExpressionError as error:
            return {**told, "error": error.text}
        link = key[-1] == "payment_url" and isinstance(value, str)
        told["value"] = link_shown(value) if link else self._masker.value(value, _leaf(key))
        if value is None and key[1] not in {"state", "keep"}:
            return told
        try:
            meaning = read(value)
        except ValueError as error:
            return {**told, "error": _text(error)}
        if meaning is not None and not link:
            told["came_to"] = self._masker.text(str(meaning))
        return told


def _leaf(key: Key) -> str:
    return str(key[-1]) if key[-2] == "keep" else ""


def _text(error: ValueError) -> str:
    return error.text if isinstance(error, ExpressionError) else str(error)


def _error(value: Any) -> str:
    return "no error" if is_false(value) else "an error"


def _not_empty(value: Any) -> None:
    if value is None or value == "":
        raise ValueError("not in the answer")


def _there(expression: Expression, scope: Scope) -> bool:
    try:
        return not is_false(expression.evaluate(scope))
    except ExpressionError:
        return True


def _texts(expression: Expression, scope: Scope) -> Iterator[str]:
    try:
        value = expression.evaluate(scope)
    except ExpressionError:
        return
    if isinstance(value, str):
        yield value
