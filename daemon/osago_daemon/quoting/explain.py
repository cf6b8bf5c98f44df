"""An insurer's pipeline for people: the policies in order, every number, and where it came from."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from osago_core.wire.methods import NumberShown, PolicyShown
from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.pipeline import Pipeline

LineOf = Callable[[tuple[str, ...]], int | None]


def explain(pipeline: Pipeline, pacing: PacingNumbers, line_of: LineOf) -> tuple[PolicyShown, ...]:
    """All policies, outermost first, and the pace of polls behind them.

    `line_of` gives the line of a key below the insurer's table, None where its default holds.
    """
    policies = [
        PolicyShown(
            policy=policy.name,
            numbers=tuple(
                number
                for dotted in policy.keys
                for number in _numbers(pipeline.numbers, tuple(dotted.split(".")), line_of)
            ),
        )
        for policy in pipeline.policies
    ]
    names = PacingNumbers.model_fields
    polls = tuple(_number(("poll", name), getattr(pacing, name), line_of) for name in names)
    return (*policies, PolicyShown(policy="polling", numbers=polls))


def _numbers(table: BaseModel, key: tuple[str, ...], line_of: LineOf) -> Iterator[NumberShown]:
    value: Any = table
    for name in key:
        value = getattr(value, name)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _numbers(table, (*key, name), line_of)
    else:
        yield _number(key, value, line_of)


def _number(key: tuple[str, ...], value: Any, line_of: LineOf) -> NumberShown:
    line = line_of(key)
    source = "default" if line is None else "file"
    return NumberShown(key=".".join(key), value=value, source=source, line=line)
