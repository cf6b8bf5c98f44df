"""Parts of applications that are sent ahead, such as the vehicle: kept, and put in by their id."""

from collections.abc import Callable
from typing import Any

from osago_sandbox import content
from osago_sandbox.api import Answer, Api, ApiError, PartStep
from osago_sandbox.applications import Part, Remembered
from osago_sandbox.form import Misfilled


class Parts:
    """Those that one insurer has. Where it wants none, bodies are whole as they are."""

    def __init__(self, api: Api, new_id: Callable[[bytes], str]) -> None:
        """`new_id` makes an id out of the content's digest."""
        self._api = api
        self._new_id = new_id
        self._parts: Remembered[Part] = Remembered()

    def is_another(self, body: Any, key: str | None, now_s: float) -> bool:
        """Whether the key has brought another part already."""
        known = self._parts.with_key(key, now_s)
        return known is not None and known.content != content.digest(body, frozenset())

    def take(self, body: Any, key: str | None, now_s: float) -> Answer:
        """Keep a new part, or find it under its key. Raises `ApiError`."""
        step = self._step
        problems = self._problems(body, f"{step.holds}.")
        if problems:
            raise self._api.invalid(problems)
        known = self._parts.with_key(key, now_s)
        if known is not None:
            return step.taken(known.id)
        told = content.digest(body, frozenset())
        part = Part(self._new_id(told), told, body[step.holds], now_s)
        self._parts.add(part, key)
        return step.taken(part.id)

    def put_in(self, body: Any, now_s: float) -> Any:
        """The body with the part in the place of its id. Raises `ApiError`."""
        step = self._api.part
        if step is None or not isinstance(body, dict):
            return body
        id_ = body.get(step.id_name)
        if not isinstance(id_, str):
            raise self._api.invalid({step.id_name: "is required"})
        part = self._parts.with_id(id_, now_s)
        if part is None:
            raise ApiError(422, "invalid", step.unknown, {step.id_name: "is not known"})
        rest = {name: value for name, value in body.items() if name != step.id_name}
        return rest | {step.holds: part.body}

    @property
    def _step(self) -> PartStep:
        if self._api.part is None:
            raise TypeError("this insurer takes no part ahead")
        return self._api.part

    def _problems(self, body: Any, prefix: str) -> dict[str, str]:
        """What is wrong with the part; the rest of the form comes later."""
        try:
            self._api.form.read(body)
        except Misfilled as misfilled:
            return {path: t for path, t in misfilled.problems.items() if path.startswith(prefix)}
        return {}
