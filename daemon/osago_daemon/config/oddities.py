"""What is allowed in insurers.toml, but perhaps not meant: warnings, each with its reason."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.spec import InsurerSpec

Oddity: TypeAlias = tuple[Key, str]
"""The key below the insurer's table, and a code of `TEXTS`."""

OWN_TARIFF = "own_tariff"

TEXTS: Mapping[str, str] = {
    "create_not_repeatable": (
        "no expression uses call.key: when an answer is lost, it is not asked again"
    ),
    "no_limits": (
        "neither per_second nor per_minute nor per_day: nothing but at_once bounds the requests"
    ),
    "http_allowed": "plain http carries personal data in clear",
    OWN_TARIFF: "these tariff tables stand instead of the shipped ones",
}
"""Code → text. Clients have them in their languages, so a code keeps its meaning."""


def oddities(spec: InsurerSpec) -> Iterator[Oddity]:
    """Of one insurer that is switched on."""
    if isinstance(spec, RestSpec):
        if spec.allow_http:
            yield ("allow_http",), "http_allowed"
        for step in spec.flow:
            if step.pace is None and not step.spec.is_repeatable:
                yield step.key, "create_not_repeatable"
    limits = spec.limits
    if limits.per_second is None and limits.per_minute is None and limits.per_day is None:
        yield ("limits",), "no_limits"
