"""What an insurer's words for the state of an application mean; of several the worst."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from osago_daemon.insurers.answer_spec import State, StatesSpec
from osago_daemon.insurers.evaluators import is_false
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.functions import as_text

UNKNOWN = "state: a word that answer.states does not list"
MISSING = "state: not in the answer"

_SEVERITY = {state: rank for rank, state in enumerate(State)}
_GOOD = frozenset({None, State.OFFER, State.PRELIMINARY, State.REDIRECTED})


class Said(NamedTuple):
    """What their words come to."""

    state: State | None
    """None: no word that we know."""
    unknown: bool
    """Whether there is a word that nobody knows."""

    @property
    def unclear(self) -> bool:
        """A word that nobody knows beside good ones, which may mean anything.

        Bad ones hold all the same.
        """
        return self.unknown and self.state in _GOOD


class States:
    """Their words, as `answer.states` lists them."""

    def __init__(self, spec: StatesSpec) -> None:
        self._by_word = spec.by_word()

    def said(self, expressions: Iterable[Expression], scope: Mapping[str, Any]) -> Said:
        """What stands under all of these."""
        unknown, worst = False, None
        for expression in expressions:
            try:
                word = as_text(expression.evaluate(scope))
            except ValueError:  # a list or an object: something is said, and nobody knows what
                unknown = True
                continue
            if word is None:
                continue
            state = self._by_word.get(word.casefold())
            if state is None:
                unknown = True
            elif worst is None or _SEVERITY[state] < _SEVERITY[worst]:
                worst = state
        return Said(worst, unknown)


def worse(state: State | None, other: State) -> State:
    """The worse of what two fields say, None being nothing."""
    return other if state is None else min(state, other, key=_SEVERITY.__getitem__)


def word_of(expression: Expression | None, scope: Mapping[str, Any]) -> str | None:
    """Their word under an expression; None where there is none."""
    if expression is None:
        return None
    try:
        return as_text(expression.evaluate(scope))
    except ValueError:
        return None


MAX_CODE_CHARS = 200
"""How much of their code of an error patterns see: most take the square of a text's length."""


def code_of(expression: Expression, scope: Mapping[str, Any]) -> str | None:
    """What they call an error by a field of its own; None where it says that there is none."""
    try:
        value = expression.evaluate(scope)
        return None if is_false(value) else (as_text(value) or "")[:MAX_CODE_CHARS]
    except ValueError:  # a whole object of an error
        return ""
