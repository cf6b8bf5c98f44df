"""Faults on demand: what may be ordered, what is on order, and whose turn it is.

Knows names and numbers only; how a fault looks on the wire stands in `mischief.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from osago_sandbox.request import KBM_CLASSES

EVERYONE = "*"
LIMIT = 1_000_000
STEPS = ("login", "vehicle", "create", "poll")
"""All that any insurer has."""
_ENVELOPE = ("insurer", "fault", "times", "step")

FAULTS: Mapping[str, tuple[str, ...]] = {
    "latency": ("latency_s",),
    "http_500": (),
    "http_503": ("retry_after_s",),
    "http_429": ("retry_after_s",),
    "reset": (),
    "hang": (),
    "drip": ("every_s",),
    "garbage": ("form",),
    "truncated": (),
    "huge": ("size_mb",),
    "redirect": ("location",),
    "decline": (),
    "token_expired": (),
    "kopecks": (),
    "full_year": (),
    "wrong_kbm": ("kbm",),
}
"""Every fault with the parameters it takes. All are optional but `latency_s`."""

_OF_APPLICATIONS = frozenset({"decline", "kopecks", "full_year", "wrong_kbm"})
"""What happens to an application, and so to nothing that comes before it."""

KBM_LIMIT = 5
"""`wrong_kbm`: no KBM was ever as high, so a class without its quotes (13) is noticed."""

GARBAGE_FORMS = ("json", "http")
"""`garbage`: an answer that is not JSON (the default) or not even HTTP."""


def concerns(fault: str, step: str) -> bool:
    """Whether such a fault can happen to a request of this step."""
    if fault in _OF_APPLICATIONS:
        return step in {"create", "poll"}
    return fault != "token_expired" or step != "login"  # before a login there is no token


class BadOrder(Exception):  # noqa: N818  # an answer for the client, not a bug
    """The order of a fault makes no sense. `known` names what would, where that helps."""

    def __init__(self, message: str, known: Collection[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.known = tuple(known)


@dataclass(slots=True)
class Fault:
    """A fault on order. `times` is how many requests it still hits; None = until cleared."""

    insurer: str
    fault: str
    step: str | None = None
    times: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def hits(self, insurer: str, step: str) -> bool:
        """Whether a request of this kind is meant."""
        meant = self.insurer in {EVERYONE, insurer} and self.step in {None, step}
        return meant and concerns(self.fault, step)

    def as_json(self) -> dict[str, Any]:
        """The order as it was given, with the times left; what was left out is left out."""
        order = asdict(self)
        params = order.pop("params")
        return {name: value for name, value in (order | params).items() if value is not None}


class FaultBoard:
    """The faults on order. One request meets at most one: the oldest order that means it."""

    def __init__(self, insurers: Mapping[str, Collection[str]]) -> None:
        """`insurers`: the steps that each one has, by its id."""
        self._insurers = insurers
        self._orders: list[Fault] = []

    def order(self, wanted: object) -> Fault:
        """Put a fault on order, given as the JSON of `POST /_control/faults`.

        Raises `BadOrder`.
        """
        fault = parse(wanted, self._insurers)
        self._orders.append(fault)
        return fault

    def next_for(self, insurer: str, step: str) -> Fault | None:
        """The fault that hits the request that just came in, if any; one of its times is used."""
        for fault in self._orders:
            if fault.hits(insurer, step):
                self._use(fault)
                return fault
        return None

    def active(self) -> list[dict[str, Any]]:
        """What is on order, oldest first."""
        return [fault.as_json() for fault in self._orders]

    def clear(self, insurer: str | None = None) -> int:
        """Drop every order, or one insurer's own (not those for everyone). Returns how many.

        Raises `BadOrder` where there is no such insurer.
        """
        if insurer is not None:
            _check_insurer(insurer, self._insurers)
        kept = [order for order in self._orders if insurer not in {None, order.insurer}]
        removed = len(self._orders) - len(kept)
        self._orders = kept
        return removed

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times == 0:
            self._orders.remove(fault)


def parse(wanted: object, insurers: Mapping[str, Collection[str]]) -> Fault:
    """A fault out of JSON. Raises `BadOrder`, which names what is known.

    `insurers`: the steps that each one has, by its id.
    """
    if not isinstance(wanted, dict):
        raise BadOrder("a fault is a JSON object", _ENVELOPE)
    insurer, name = str(wanted.get("insurer")), wanted.get("fault")
    _check_insurer(insurer, insurers)
    if not isinstance(name, str) or name not in FAULTS:
        raise BadOrder(f"unknown fault {name!r}", FAULTS)
    known = (*_ENVELOPE, *FAULTS[name])
    for extra in wanted.keys() - set(known):
        raise BadOrder(f"{name} has no parameter {extra!r}", known)
    return Fault(
        insurer=insurer,
        fault=name,
        step=_step(wanted, name, insurers),
        times=_times(wanted),
        params=_params(name, wanted),
    )


def _check_insurer(insurer: str, insurers: Collection[str]) -> None:
    if insurer not in (EVERYONE, *insurers):
        raise BadOrder(f"unknown insurer {insurer!r}", (EVERYONE, *insurers))


def _step(
    wanted: Mapping[str, Any], fault: str, insurers: Mapping[str, Collection[str]]
) -> str | None:
    step = _one_of(wanted, "step", STEPS)
    if step is None:
        return None
    insurer = str(wanted.get("insurer"))
    own = insurers.get(insurer, STEPS)  # everyone has all between them
    if step not in own:
        why = ": it answers at once" if step == "poll" else ""
        raise BadOrder(f"{insurer} has no step {step!r}{why}", own)
    if not concerns(fault, step):
        raise BadOrder(f"{fault} can't happen to a {step}", [s for s in own if concerns(fault, s)])
    return step


def _times(wanted: Mapping[str, Any]) -> int | None:
    times = wanted.get("times")
    if times is None or (isinstance(times, int) and not isinstance(times, bool) and times > 0):
        return times
    raise BadOrder("times must be a whole number above 0")


def _params(name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    given = {param: wanted[param] for param in FAULTS[name] if wanted.get(param) is not None}
    if name == "latency" and "latency_s" not in given:
        raise BadOrder("latency needs latency_s")
    _one_of(wanted, "form", GARBAGE_FORMS)
    for param in ("latency_s", "retry_after_s", "every_s", "size_mb"):
        value = given.get(param, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LIMIT:
            raise BadOrder(f"{param} must be a number from 0 to {LIMIT}")
    _check_kbm(given.get("kbm", KBM_CLASSES[0]))
    location = given.get("location", "")
    if not (isinstance(location, str) and location.isascii() and location.isprintable()):
        raise BadOrder("location must be a URL")
    return given


def _check_kbm(kbm: object) -> None:
    if kbm in KBM_CLASSES:
        return
    if isinstance(kbm, bool) or not isinstance(kbm, int | float) or not 0 < kbm <= KBM_LIMIT:
        text = f"kbm must be a class as text or a value above 0 and up to {KBM_LIMIT}"
        raise BadOrder(text, KBM_CLASSES)


def _one_of(wanted: Mapping[str, Any], param: str, known: tuple[str, ...]) -> str | None:
    value: str | None = wanted.get(param)
    if value is None or value in known:
        return value
    raise BadOrder(f"unknown {param} {value!r}", known)
