"""Reads an answer with the offers of several insurers: whose each item is, and what it says."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer, Outcome
from osago_daemon.insurers.answer_spec import ErrorKind, OffersSpec, State
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.offers import Mask, OfferReader, Scope, bad_answer, told
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.states import MISSING, UNKNOWN, Said, States, code_of, word_of, worse
from osago_daemon.resilience.trouble import Trouble

EVERYBODY_ELSE = "*"
MAX_ITEMS = 1000
"""Of one answer: some thirty insurers with a few offers each come to a tenth of it."""

_log = structlog.get_logger(__name__)

_ERROR = "they report an error of theirs"


class ItemWords(NamedTuple):
    """What an item says of itself."""

    states: States
    state: Sequence[Expression]
    """How it stands."""
    error: Expression | None
    """Whether it is an error."""
    error_kinds: Mapping[re.Pattern[str], ErrorKind]


class SeveralReader:
    """Reads the items of one insurer's answers as its `offers` table says."""

    def __init__(self, spec: OffersSpec, offers: OfferReader, words: ItemWords) -> None:
        self._spec = spec
        self._offers = offers
        self._words = words
        codes = {member.code: id_ for id_, member in spec.members.items()}
        self._others = codes.pop(EVERYBODY_ELSE, None)
        self._by_code = codes

    def read(self, scope: Scope, mask: Mask, state: State, *, polled: bool) -> tuple[Several, bool]:
        """The best of each member who has decided, and whether others are still pending.

        Raises `Trouble`.
        """
        found: dict[str, Outcome] = {}
        others = 0
        pending: set[str] = set()
        offers = self._offers.for_items()
        for item in self._items(scope):
            within = {**scope, "item": item}
            member = self._member(within)
            if member is None:
                others += 1
                continue
            said = self._words.states.said(self._words.state, within)
            if said.state is State.PENDING and polled:
                pending.add(member)
                continue
            outcome = self._error(offers, within, mask, said) or self._unclear(said)
            outcome = outcome or _outcome(offers, within, mask, worse(said.state, state))
            earlier = found.get(member)
            found[member] = outcome if earlier is None else min(earlier, outcome, key=_worth)
        if others:
            _log.info("offers_of_others", insurer=self._offers.insurer, count=others)
        return Several({id_: one for id_, one in found.items() if id_ not in pending}), bool(
            pending
        )

    def so_far(self, scope: Scope, mask: Mask) -> Several | None:
        """Who has decided already while the whole is pending; None: nobody says so.

        Not who stands for everybody else: others may come yet.
        """
        if not self._words.state:
            return None
        try:
            found, _ = self.read(scope, mask, State.OFFER, polled=True)
        except Trouble:  # there may be no list yet
            return None
        known = {id_: one for id_, one in found.outcomes.items() if id_ != self._others}
        return Several(known) if known else None

    def _items(self, scope: Scope) -> list[object]:
        try:
            found = self._spec.items.evaluate(scope)
        except ValueError as error:
            raise bad_answer(f"offers.items: {error}") from None
        if isinstance(found, dict):  # one that is no list of one
            return [found]
        if not isinstance(found, list):
            raise bad_answer("offers.items: no list in the answer")
        if len(found) > MAX_ITEMS:
            raise bad_answer(f"offers.items: more than {MAX_ITEMS}")
        return found

    def _member(self, scope: Scope) -> str | None:
        """The member that an item belongs to; None: nobody asked for it."""
        code = word_of(self._spec.insurer, scope)
        return self._others if code is None else self._by_code.get(code, self._others)

    def _error(self, offers: OfferReader, scope: Scope, mask: Mask, said: Said) -> Outcome | None:
        """What an item's own error amounts to; None where it says that there is none."""
        code = None if self._words.error is None else code_of(self._words.error, scope)
        if code is None or said.state is State.DECLINED:
            return None
        words = offers.error_words(scope)
        text = f"{code} {words}".strip()
        kinds = self._words.error_kinds.items()
        if next((k for p, k in kinds if p.search(text)), None) is ErrorKind.DECLINED:
            return offers.declined(scope, mask, words=words)
        return _failed(FailureKind.SERVER_ERROR, told(mask, words) or _ERROR)

    def _unclear(self, said: Said) -> Failed | None:
        """The failure where nobody knows how an item stands."""
        missing = bool(self._words.state) and said.state is None and not said.unknown
        if missing or said.unclear:
            return _failed(FailureKind.BAD_ANSWER, MISSING if missing else UNKNOWN)
        return None


def _outcome(offers: OfferReader, scope: Scope, mask: Mask, state: State) -> Outcome:
    """One insurer's part; what is wrong with it is no other's trouble."""
    match state:
        case State.DECLINED | State.MANUAL_CHECK | State.PENDING:
            manual = None if state is State.DECLINED else DeclineReason.MANUAL_CHECK
            return offers.declined(scope, mask, manual)
        case State.REDIRECTED:
            return offers.redirected(scope, mask)
        case State.ERROR | State.FAILED:
            words = told(mask, offers.error_words(scope))
            return _failed(FailureKind.SERVER_ERROR, words or _ERROR)
        case State.OFFER | State.PRELIMINARY:
            return _offer(offers, scope, mask, final=state is State.OFFER)


def _offer(offers: OfferReader, scope: Scope, mask: Mask, *, final: bool) -> Outcome:
    try:
        return offers.offer(scope, mask, final=final)
    except Trouble as trouble:
        return _failed(FailureKind.BAD_ANSWER, trouble.message)


def _worth(outcome: Outcome) -> tuple[int, object]:
    """The cheaper offer first; an offer before a decline, that before a failure."""
    match outcome:
        case Offer():
            return 0, outcome.premium
        case Declined():
            return 1, 0
        case _:
            return 2, 0


def _failed(kind: FailureKind, message: str) -> Failed:
    return Failed(kind=kind, message=message, retryable=kind is FailureKind.SERVER_ERROR)
