"""What spans several keys of an insurer's table: http and secrets, states and polls, offers.

Works on the raw table, of which any part may be missing or wrong: wrong types are somebody else's
problem here, so that all problems can be told at once. What spans steps is `step_consistency.py`.
"""

from collections import Counter
from collections.abc import Iterator

from osago_daemon.insurers import step_consistency, step_reading, urls
from osago_daemon.insurers.auth import soap_problems
from osago_daemon.insurers.names import ANSWER
from osago_daemon.insurers.raw import RawTable, reads, steps_of, table_of, text_of
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located, texts_in


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every contradiction between keys of one `[insurers.ID]` table."""
    yield from _base_url(insurer)
    yield from _plain_secrets(insurer)
    yield from _states(table_of(insurer, "answer"))
    yield from _pending(insurer)
    yield from _offers(insurer)
    yield from soap_problems(insurer)
    yield from step_consistency.problems(insurer)
    yield from step_reading.problems(insurer)


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
    """Answers that say "later", and nobody who asks again."""
    steps, named = steps_of(insurer), isinstance(insurer.get("steps"), list)
    if any("poll" in step for _, step in steps) if named else "poll" in insurer:
        return
    answer = table_of(insurer, "answer")
    if table_of(answer, "states").get("pending"):
        says = "answer.states.pending says that the offer comes later"
        if named:
            yield ("steps",), f"{says}: give the step that asks again a table `poll`"
        else:
            yield ("poll",), f"is missing: {says}"
    for pattern, kind in table_of(answer, "error_kinds").items():
        if kind == "pending":
            yield ("answer", "error_kinds", pattern), "no step is asked again: there is no `poll`"


def _offers(insurer: RawTable) -> Iterator[Located]:
    """`item` of an answer that has none; members that can't be told apart."""
    if "offers" not in insurer:
        for key, text in texts_in(table_of(insurer, "answer"), ("answer",)):
            if key[1] not in step_reading.NO_EXPRESSIONS and reads("item", text, ANSWER):
                yield key, "`item` is an item of `offers.items`, and there are no `offers`"
        return
    members = table_of(table_of(insurer, "offers"), "members")
    codes: dict[str, str] = {}
    for id_, member in members.items():
        code = member.get("code") if isinstance(member, dict) else None
        if isinstance(code, str) and codes.setdefault(code, id_) != id_:
            yield ("offers", "members", id_, "code"), f"`{codes[code]}` has the same code"
