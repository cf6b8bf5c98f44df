"""An insurer's pipeline for people: the policies in order, every number, and where it came from."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from osago_core.wire.methods import NumberShown, PolicyShown
from osago_daemon.resilience.numbers import PacingNumbers, PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline

LineOf = Callable[[tuple[str, ...]], int | None]


def explain(
    pipeline: Pipeline, configured: PipelineNumbers, pacing: PacingNumbers, line_of: LineOf
) -> tuple[PolicyShown, ...]:
    """All policies, outermost first, and the pace of polls behind them.

    `configured` is what was asked for; where the pipeline has something else, the system did not
    allow it. `line_of` gives the line of a key below the insurer's table, None where its default
    holds.
    """

    def number(key: tuple[str, ...], value: Any) -> NumberShown:
        wanted = _value(configured, key)
        if wanted is not None and wanted != value:
            return NumberShown(key=".".join(key), value=value, source="system")
        return _number(key, value, line_of)

    policies = [
        PolicyShown(
            policy=policy.name,
            numbers=tuple(
                number(key, value)
                for dotted in policy.keys
                for key, value in _numbers(pipeline.numbers, tuple(dotted.split(".")))
            ),
        )
        for policy in pipeline.policies
    ]
    names = PacingNumbers.model_fields
    polls = tuple(_number(("poll", name), getattr(pacing, name), line_of) for name in names)
    return (*policies, PolicyShown(policy="polling", numbers=polls))


def _numbers(table: BaseModel, key: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The key itself, or all that stand in the table that it names."""
    value = _value(table, key)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _numbers(table, (*key, name))
    else:
        yield key, value


def _value(table: BaseModel, key: tuple[str, ...]) -> Any:
    value: Any = table
    for name in key:
        value = getattr(value, name)
    return value


def _number(key: tuple[str, ...], value: Any, line_of: LineOf) -> NumberShown:
    line = line_of(key)
    source = "default" if line is None else "file"
    return NumberShown(key=".".join(key), value=value, source=source, line=line)
