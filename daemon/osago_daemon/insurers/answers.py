"""Reads an insurer's answer: still pending, an offer, a decline, trouble, or just a step done.

A refusal wins over everything that stands beside it, then an error by their own words, then the
HTTP status decides, then the state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers import errors
from osago_daemon.insurers.answer_spec import AnswerSpec, ErrorKind, OffersSpec, State
from osago_daemon.insurers.decoding import MAX_DEPTH, UnreadableError, decode
from osago_daemon.insurers.offers import Mask, OfferReader, Scope, bad_answer, told
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.several import ItemWords, SeveralReader
from osago_daemon.insurers.states import MISSING, UNKNOWN, States, code_of, word_of
from osago_daemon.resilience.trouble import Trouble, TroubleKind

__all__ = [
    "LAST",
    "MAX_DEPTH",
    "Accepted",
    "Answer",
    "AnswerReader",
    "Pending",
    "Reading",
    "Stage",
]


_ACCEPTED = 202
_NOTHING: Mapping[str, object] = MappingProxyType({})
_ERROR = "they report an error of theirs"
_TROUBLES = {
    ErrorKind.REJECTED_REQUEST: TroubleKind.REJECTED,
    ErrorKind.AUTH: TroubleKind.AUTH,
    ErrorKind.THROTTLED: TroubleKind.THROTTLED,
    ErrorKind.SERVER_ERROR: TroubleKind.SERVER_ERROR,
    ErrorKind.FAILED: TroubleKind.FAILED,
    ErrorKind.GONE: TroubleKind.GONE,
    ErrorKind.PENDING: TroubleKind.SERVER_ERROR,  # of what is not asked again: not done yet
}
_ERRORS = frozenset({State.ERROR, State.FAILED})
_REFUSALS = {
    State.DECLINED: None,
    State.MANUAL_CHECK: DeclineReason.MANUAL_CHECK,
}
"""Final whatever stands beside them, and their reasons where these are known."""


class Stage(NamedTuple):
    """What is expected of a step's answer."""

    decides: bool = True
    """The offer may stand in it."""
    polled: bool = True
    """It is asked for again while it says pending."""
    xml: bool = False
    followed: bool = False
    """A later step is asked again while it says pending."""


LAST = Stage()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body read to the end. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Pending:
    """Not decided yet. `scope` is what expressions see of the answer."""

    scope: Scope = field(repr=False)
    retry_after_s: float | None = None
    so_far: Several | None = None
    """Of several insurers, those who have decided already."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A good answer of a step that decides nothing: on to the next one."""

    scope: Scope = field(repr=False)
    retry_after_s: float | None = None


Reading: TypeAlias = Pending | Accepted | Offer | Declined | Several


class _Seen(NamedTuple):
    """An answer, read as far as it can be without knowing what it means."""

    scope: Scope
    answer: Answer
    mask: Mask
    retry_after_s: float | None
    unreadable: str


class AnswerReader:
    """Reads the answers of one insurer as its `answer` table says."""

    def __init__(
        self,
        insurer: str,
        spec: AnswerSpec,
        now: Callable[[], datetime],
        *,
        local: bool,
        offers: OffersSpec | None = None,
    ) -> None:
        """`now` gives an aware time, for dates in `Retry-After`.

        `local` says that the insurer is on this machine, and so its payment links may be.
        """
        self._spec = spec
        self._now = now
        self._states = States(spec.states)
        self._offers = OfferReader(insurer, spec, local=local)
        state = spec.state_expressions()
        of_items = [e for e in state if "item" in e.roots()]
        self._state = [e for e in state if e not in of_items]
        self._error_of_items = spec.error is not None and "item" in spec.error.roots()
        self._several = None
        if offers is not None:
            of_item = spec.error if spec.error is not None and self._error_of_items else None
            self._several = SeveralReader(
                offers, self._offers, ItemWords(self._states, of_items, of_item, spec.error_kinds)
            )

    def read(
        self,
        answer: Answer,
        mask: Mask,
        stage: Stage = LAST,
        said: Mapping[str, object] = _NOTHING,
    ) -> Reading:
        """What the answer means. Raises `Trouble`, nothing else, whatever the answer holds.

        `said` is what expressions see besides it.
        """
        seen = self._seen(answer, mask, stage, said)
        words = self._states.said(self._state, seen.scope)
        state = words.state
        if state in _REFUSALS:
            return self._offers.declined(seen.scope, mask, _REFUSALS[state])
        if state is State.REDIRECTED and not (answer.ok and stage.decides and not self._several):
            return self._offers.declined(seen.scope, mask, DeclineReason.REDIRECTED)
        failed = self._error(seen, state, polled=stage.polled)
        if failed is not None:
            return failed
        if not stage.decides:
            return _passed(seen, state, stage)
        if words.unclear:
            raise bad_answer(UNKNOWN)
        return self._decided(seen, state or self._state_by_status(answer.status), stage)

    def scope(self, answer: Answer, stage: Stage, kept: Mapping[str, object]) -> Scope:
        """What expressions see of the answer; a body that can't be read is null."""
        return self._seen(answer, str, stage, kept).scope

    def _seen(self, answer: Answer, mask: Mask, stage: Stage, said: Mapping[str, object]) -> _Seen:
        body, unreadable = None, ""
        try:
            content_type = answer.headers.get("content-type", "")
            body = decode(answer.body, xml=stage.xml, content_type=content_type)
        except UnreadableError as error:
            unreadable = str(error)
        scope = {**said, "status": answer.status, "headers": answer.headers, "body": body}
        return _Seen(scope, answer, mask, self._retry_after_s(answer, scope), unreadable)

    def _retry_after_s(self, answer: Answer, scope: Scope) -> float | None:
        said = answer.headers.get("retry-after")
        if said is None and self._spec.retry_after is not None:
            said = word_of(self._spec.retry_after, scope)
        return None if said is None else errors.retry_after_s(said, self._now())

    def _error(
        self, seen: _Seen, state: State | None, *, polled: bool
    ) -> Pending | Declined | None:
        """What an error of theirs amounts to, None where the answer is good. Raises `Trouble`."""
        code = None if self._spec.error is None else self._code(seen.scope)
        if seen.answer.ok and code is None and state not in _ERRORS:
            if seen.unreadable:
                raise bad_answer(seen.unreadable)
            return None
        words = self._offers.error_words(seen.scope)
        text = f"{code or ''} {words}".strip()
        kind = next((k for p, k in self._spec.error_kinds.items() if p.search(text)), None)
        if kind is ErrorKind.DECLINED:
            return self._offers.declined(seen.scope, seen.mask, words=words)
        if kind is ErrorKind.PENDING and polled:
            return Pending(seen.scope, seen.retry_after_s)
        words = told(seen.mask, words)
        if kind is not None:
            raise Trouble(_TROUBLES[kind], words or _ERROR, retry_after_s=seen.retry_after_s)
        if not seen.answer.ok:
            raise errors.of_status(seen.answer.status, seen.retry_after_s, words)
        final = state is State.FAILED
        raise Trouble(TroubleKind.FAILED if final else TroubleKind.SERVER_ERROR, words or _ERROR)

    def _code(self, scope: Scope) -> str | None:
        """What they call an error by a field of its own; None where it says that there is none."""
        if self._spec.error is None or self._error_of_items:
            return None
        return code_of(self._spec.error, scope)

    def _state_by_status(self, status: int) -> State:
        """The state of a 2xx answer that does not name one."""
        if status == _ACCEPTED:
            return State.PENDING
        if self._state:
            raise bad_answer(MISSING)
        return State.OFFER

    def _decided(self, seen: _Seen, state: State, stage: Stage) -> Reading:
        several = self._several
        if state is State.PENDING:
            so_far = None if several is None else several.so_far(seen.scope, seen.mask)
            return Pending(seen.scope, seen.retry_after_s, so_far)
        if state is State.REDIRECTED:
            return self._offers.redirected(seen.scope, seen.mask)
        if several is None:
            return self._offers.offer(seen.scope, seen.mask, final=state is State.OFFER)
        polled = stage.polled or stage.followed
        found, pending = several.read(seen.scope, seen.mask, state, polled=polled)
        return Pending(seen.scope, seen.retry_after_s, found) if pending else found


def _passed(seen: _Seen, state: State | None, stage: Stage) -> Pending | Accepted:
    """A good answer of a step that decides nothing."""
    waits = state is State.PENDING or (state is None and seen.answer.status == _ACCEPTED)
    kind = Pending if waits and stage.polled else Accepted
    return kind(seen.scope, seen.retry_after_s)
