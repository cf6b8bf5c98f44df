"""What spans several keys of an insurer's table: http and secrets, states and polls, offers.

Works on the raw table, of which any part may be missing or wrong: wrong types are somebody else's
problem here, so that all problems can be told at once. What spans steps is `step_consistency.py`.
"""

from collections import Counter
from collections.abc import Iterator

from osago_daemon.insurers import step_consistency, urls
from osago_daemon.insurers.auth import soap_problems
from osago_daemon.insurers.raw import RawTable, reads, steps_of, table_of, text_of
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located, texts_in

_NO_EXPRESSIONS = frozenset({"states", "decline_reasons", "error_kinds", "money", "format"})


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every contradiction between keys of one `[insurers.ID]` table."""
    yield from _base_url(insurer)
    yield from _plain_secrets(insurer)
    yield from _states(table_of(insurer, "answer"))
    yield from _pending(insurer)
    yield from _offers(insurer)
    yield from soap_problems(insurer)
    yield from step_consistency.problems(insurer)


def _base_url(insurer: RawTable) -> Iterator[Located]:
    url = text_of(insurer, "base_url")
    if url is not None:
        text = urls.base_url_problem(url, allow_http=insurer.get("allow_http") is True)
        if text is not None:
            yield ("base_url",), text


def _plain_secrets(insurer: RawTable) -> Iterator[Located]:
    """A secret may stand in the file only where it opens nothing: at a server on this machine."""
    if urls.is_loopback_url(text_of(insurer, "base_url") or ""):
        return
    auth = table_of(insurer, "auth")
    for above, table in (
        (("auth",), auth),
        (("auth", "secrets"), table_of(auth, "secrets")),
        (("secrets",), table_of(insurer, "secrets")),
    ):
        for name, value in table.items():
            if isinstance(value, str) and value.startswith("plain:"):
                yield (*above, name), NOT_HERE


def _states(answer: RawTable) -> Iterator[Located]:
    states = answer.get("states")
    if "state" in answer and not isinstance(states, dict):
        yield ("answer", "states"), "is missing: it says what the words of `state` mean"
    if not isinstance(states, dict):
        return
    if "state" not in answer:
        yield ("answer", "states"), "has no use without `state`"
    if not states.get("offer") and not states.get("preliminary"):
        yield ("answer", "states"), "names no word for an offer: list one under `offer`"
    counted = Counter(
        word.casefold()
        for words in states.values()
        if isinstance(words, list)
        for word in words
        if isinstance(word, str)
    )
    for word, times in counted.items():
        if times > 1:
            yield ("answer", "states"), f'has "{word}" {times} times (case does not matter)'


def _pending(insurer: RawTable) -> Iterator[Located]:
    if not table_of(table_of(insurer, "answer"), "states").get("pending"):
        return
    steps = insurer.get("steps")
    says = "answer.states.pending says that the offer comes later"
    if isinstance(steps, list):
        if not any("poll" in step for _, step in steps_of(insurer)):
            yield ("steps",), f"{says}: give the step that asks again a table `poll`"
    elif "poll" not in insurer:
        yield ("poll",), f"is missing: {says}"


def _offers(insurer: RawTable) -> Iterator[Located]:
    """`item` of an answer that has none; members that can't be told apart."""
    if "offers" not in insurer:
        for key, text in texts_in(insurer.get("answer"), ("answer",)):
            if key[1] not in _NO_EXPRESSIONS and reads("item", text):
                yield key, "`item` is an item of `offers.items`, and there are no `offers`"
        return
    members = table_of(table_of(insurer, "offers"), "members")
    codes: dict[str, str] = {}
    for id_, member in members.items():
        code = member.get("code") if isinstance(member, dict) else None
        if isinstance(code, str) and codes.setdefault(code, id_) != id_:
            yield ("offers", "members", id_, "code"), f"`{codes[code]}` has the same code"
