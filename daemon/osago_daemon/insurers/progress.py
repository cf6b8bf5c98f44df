"""How far the steps of an application have come, in the form in which that is written down."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from osago_daemon.insurers import values
from osago_daemon.insurers.exact import exact, for_json
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.offers import Scope, bad_answer

DONE = "@done"
"""Beside what is kept: the step that was done last, and how many of its items."""

MAX_KEPT_IN_ALL = 50_000
"""It is written down after every step."""
MAX_KEPT_CHARS = 4000
"""Of one value as JSON: an id, a link, a small object."""


@dataclass(slots=True)
class Progress:
    """The next request to be made, and what the earlier ones left."""

    step: int = 0
    item: int = 0
    """Of the step's items, where it has `each`."""
    kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, written: Mapping[str, Any] | None, flow: Sequence[Step]) -> "Progress":
        """As it was written down. Raises `Trouble` where the steps are others now."""
        if written is None:
            return cls()
        kept = {name: exact(value) for name, value in written.items() if name != DONE}
        match written.get(DONE, [flow[0].name, None]):  # None: of a version with two steps at most
            case [str(name), int() | None as items]:
                numbers = [i for i, step in enumerate(flow) if step.name == name]
                if numbers:
                    at = numbers[0]
                    return cls(at + 1, 0, kept) if items is None else cls(at, items, kept)
        raise bad_answer("keep: written down under another insurers.toml")

    def written(self, flow: Sequence[Step], *, items_left: bool) -> dict[str, Any]:
        """To be written down after the present request."""
        items = self.item + 1 if items_left else None
        if _has_fractions(self.kept):
            kept = json.loads(json.dumps(self.kept, default=for_json))
        else:
            kept = self.kept
        if len(str(kept)) > MAX_KEPT_IN_ALL:
            raise bad_answer("keep: more than can be kept")
        return {**kept, DONE: [flow[self.step].name, items]}

    def keep(self, step: Step, scope: Scope) -> None:
        """Take what the step keeps out of its answer. Raises `Trouble` where it is not there."""
        for name, expression in step.spec.keep.items():
            value = _kept(name, expression, scope, in_path=name in step.in_paths)
            if step.each is None:
                self.kept[name] = value
            else:
                # Cut, as an exchange that broke off after this is made again.
                earlier = self.kept.get(name, [])[: self.item]
                self.kept[name] = [*earlier, value]

    def skip(self, step: Step) -> None:
        """A step that is left out keeps nothing."""
        for name in step.spec.keep:
            self.kept.setdefault(name, None if step.each is None else [])


def _kept(name: str, expression: Expression, scope: Scope, *, in_path: bool) -> Any:
    try:
        value = expression.evaluate(scope)
        text = json.dumps(value, default=for_json, allow_nan=False, ensure_ascii=False)
        text.encode()  # not half a character, which nobody could write down
    except ExpressionError as error:
        raise bad_answer(f"keep.{name}: {error.text}") from None
    except (ValueError, TypeError, RecursionError):
        raise bad_answer(f"keep.{name}: nothing that can be kept") from None
    if value is None or value == "":
        raise bad_answer(f"keep.{name}: not in the answer")
    if len(text) > MAX_KEPT_CHARS:
        raise bad_answer(f"keep.{name}: too long")
    if in_path:
        try:
            values.identifier(value, MAX_KEPT_CHARS)
        except ValueError as error:
            raise bad_answer(f"keep.{name}: {error}") from None
    return value


def _has_fractions(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_has_fractions, value.values()))
        case list():
            return any(map(_has_fractions, value))
        case _:
            return isinstance(value, Decimal)
