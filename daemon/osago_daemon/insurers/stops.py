"""A step of one insurer that requests can be made of: where it is, for which items, and whether."""

from dataclasses import dataclass
from typing import Any

import httpx

from osago_core import __version__
from osago_daemon.insurers import urls
from osago_daemon.insurers.answers import Stage
from osago_daemon.insurers.auth import Auth
from osago_daemon.insurers.bodies import evaluated
from osago_daemon.insurers.evaluators import is_false
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.offers import Scope, bad_answer
from osago_daemon.insurers.requests import RequestBuilder, filled
from osago_daemon.insurers.rest_spec import RestSpec

MAX_ITEMS = 100
"""Of a step with `each`: nobody has so many drivers."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step that requests can be made of."""

    step: Step
    key: Key
    """Where it stands in the file."""
    builder: RequestBuilder
    base_url: str
    stage: Stage
    fixed: httpx.URL | None
    """Where it is, if that is the same for every call."""

    @classmethod
    def of(cls, spec: RestSpec, step: Step, auth: Auth) -> "Stop":
        """Of a step in an insurer's table."""
        wants_xml = spec.answer.format == "xml" or (
            spec.answer.format is None and step.spec.xml is not None
        )
        constants = {
            "Accept": "text/xml, application/xml" if wants_xml else "application/json",
            "User-Agent": f"osago/{__version__}",
            **spec.headers,
        }
        key = ("insurers", spec.id, *step.key)
        builder = RequestBuilder(key, step.spec, constants=constants, auth=auth)
        stage = Stage(step.decides, step.pace is not None, wants_xml, step.followed)
        return cls(step, key, builder, spec.base_url, stage, _fixed(spec.base_url, step.spec.path))

    def url(self, scope: Scope, before: "Stop | None") -> httpx.URL:
        """Where it is, in one call; `before` is the stop whose answer a link may come from."""
        if self.fixed is not None:
            return self.fixed
        path, kept = self.step.spec.path, scope["kept"]
        try:
            link = urls.link_in(path)
            if link is not None:
                return urls.same_origin_link(str(kept[link]), seen_at=self._seen_at(scope, before))
            values = {**kept, **self.builder.path_values(scope)}
            return urls.join(self.base_url, filled(path, values))
        except urls.UrlError as error:
            raise bad_answer(f"keep: {error}") from None
        except KeyError as missing:  # written down under another insurers.toml
            raise bad_answer(f"keep: {missing} was not kept by an earlier step") from None

    def _seen_at(self, scope: Scope, before: "Stop | None") -> httpx.URL:
        """What a relative link is relative to."""
        if before is None or urls.link_in(before.step.spec.path) is not None:
            return urls.join(self.base_url, "/")
        return before.url(scope, None)

    def true(self, name: str, expression: Expression | None, scope: Scope) -> bool:
        """Whether a condition holds; one that is not there does."""
        if expression is None:
            return True
        return not is_false(evaluated(expression, (*self.key, name), scope))

    def items(self, scope: Scope) -> list[Any]:
        """Of each of which there is a request."""
        if self.step.each is None:
            return [None]
        found = evaluated(self.step.each, (*self.key, "each"), scope)
        if found is None:
            return []
        if not isinstance(found, list):
            raise ExpressionError("is no list", (*self.key, "each"))
        if len(found) > MAX_ITEMS:
            raise ExpressionError(f"has more than {MAX_ITEMS} items", (*self.key, "each"))
        return found


def _fixed(base_url: str, path: str) -> httpx.URL | None:
    return None if urls.placeholders(path) else urls.join(base_url, path)
