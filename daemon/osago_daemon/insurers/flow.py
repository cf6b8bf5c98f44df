"""The ordered steps of an insurer: of `create` and `poll`, or of `[[steps]]`, as one list.

Knows which step may decide and which is asked again; knows nothing of HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from osago_daemon.insurers import urls
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.step_spec import CreateSpec, NamedStepSpec, PollSpec, StepSpec
from osago_daemon.resilience.numbers import PacingNumbers


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    name: str
    key: Key
    """Where it stands below the insurer's table."""
    spec: StepSpec
    decides: bool
    """Whether the offer may stand in its answer."""
    pace: PacingNumbers | None = None
    """When to ask again while they say pending; None: it is asked once."""
    each: Expression | None = None
    when: Expression | None = None
    followed: bool = False
    """Whether a later step is asked again while they say pending."""
    in_paths: frozenset[str] = frozenset()
    """What it keeps that some path is made of."""


def flow_of(
    create: CreateSpec | None, poll: PollSpec | None, steps: Sequence[NamedStepSpec]
) -> tuple[Step, ...]:
    """Every step in its order."""
    found = _steps_of(create, poll, steps)
    names = {name for step in found for name in urls.placeholders(step.spec.path)}
    polled = [i for i, step in enumerate(found) if step.pace is not None]
    return tuple(
        replace(
            step,
            in_paths=frozenset(names & step.spec.keep.keys()),
            followed=any(at > i for at in polled),
        )
        for i, step in enumerate(found)
    )


def _steps_of(
    create: CreateSpec | None, poll: PollSpec | None, steps: Sequence[NamedStepSpec]
) -> list[Step]:
    if steps:
        last = len(steps) - 1
        return [_named(step, i, last=i == last) for i, step in enumerate(steps)]
    found = []
    if create is not None:
        found.append(Step("create", ("create",), create, create.decides is not False))
    if poll is not None:
        pace = PacingNumbers(**poll.model_dump(include=set(PacingNumbers.model_fields)))
        found.append(Step("poll", ("poll",), poll, poll.decides is not False, pace))
    return found


def _named(spec: NamedStepSpec, index: int, *, last: bool) -> Step:
    decides = last if spec.decides is None else spec.decides
    return Step(
        spec.name, ("steps", index), spec, decides, pace=spec.poll, each=spec.each, when=spec.when
    )
