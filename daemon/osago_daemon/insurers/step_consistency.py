"""What spans several steps of an insurer's table: their order, what is kept, what is sent.

Works on the raw table, as `consistency.py` does.
"""

from collections.abc import Iterator

from osago_daemon.insurers import urls
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import did_you_mean
from osago_daemon.insurers.raw import RawTable, names_under, steps_of, table_of, text_of
from osago_daemon.insurers.step_spec import BODIES
from osago_daemon.insurers.tables import Located, texts_in
from osago_daemon.insurers.xml import step_problems

_EXPRESSIONS = (
    *("path_params", "headers", "query", "body", "form", "multipart", "xml", "soap_header"),
    *("each", "when"),
)

_WITH_TOKEN = frozenset({"login", "oauth2"})


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every contradiction between the keys of steps, and between steps."""
    yield from _which(insurer)
    steps = steps_of(insurer)
    yield from _order(steps, named=isinstance(insurer.get("steps"), list))
    known: set[str] = set()
    secrets = {str(name) for name in table_of(insurer, "secrets")}
    has_token = table_of(insurer, "auth").get("kind") in _WITH_TOKEN
    for key, step in steps:
        yield from _path(insurer, key, step, known)
        yield from _names(key, step, known, secrets)
        if not has_token:
            yield from _tokens(key, step)
        yield from _content(key, step)
        known |= {str(name) for name in table_of(step, "keep")}


def _which(insurer: RawTable) -> Iterator[Located]:
    short = [name for name in ("create", "poll") if name in insurer]
    if "steps" in insurer:
        for name in short:
            yield (name,), "stands beside `steps`: write it as one of them"
        if insurer["steps"] == []:
            yield ("steps",), "has no step"
    elif "create" not in insurer:
        yield ("create",), "is missing (or [[steps]], where there are more than two)"


def _order(steps: list[tuple[Key, RawTable]], *, named: bool) -> Iterator[Located]:
    if not named:
        return
    names: set[str] = set()
    polled = 0
    for key, step in steps:
        name = text_of(step, "name")
        if name in names:
            yield (*key, "name"), f'another step is called "{name}"'
        names.add(name or "")
        polled += "poll" in step
        if "poll" in step and polled > 1:
            yield (*key, "poll"), "one step is asked again and again, and there is one already"
        asked_once = "poll" in step or step.get("decides") is True
        if "each" in step and asked_once and step is not steps[-1][1]:
            yield (*key, "each"), "a step that decides, or is asked again, is one request"
    if steps:
        key, step = steps[-1]
        if "each" in step:
            yield (*key, "each"), "the last step decides, so it is one request"
        if step.get("decides") is False:
            yield (*key, "decides"), "nothing comes after the last step: it must decide"


def _path(insurer: RawTable, key: Key, step: RawTable, known: set[str]) -> Iterator[Located]:
    path = text_of(step, "path")
    if path is None:
        return
    params = {str(name) for name in table_of(step, "path_params")}
    link = urls.link_in(path)
    for name in urls.placeholders(path):
        if name not in known and (name not in params or link):
            hint = did_you_mean(name, known)
            yield (
                (*key, "path"),
                f"{{{name}}} is kept by no earlier step{hint}"
                + ("" if link else " and stands in no path_params"),
            )
    for name in sorted(params - set(urls.placeholders(path))):
        yield (*key, "path_params", name), f"{{{name}}} does not stand in the path"
    base_url = text_of(insurer, "base_url")
    if base_url is None or urls.base_url_problem(base_url, allow_http=True) is not None:
        return
    # A path that is one by itself, and yet makes no URL: too long, mostly.
    if urls.is_path(path) and not urls.is_joinable(base_url, path):
        yield (*key, "path"), "makes no URL together with base_url"


def _names(key: Key, step: RawTable, known: set[str], secrets: set[str]) -> Iterator[Located]:
    """What the step's expressions read that nobody has kept or named."""
    for part in _EXPRESSIONS:
        for below, text in texts_in(step.get(part), (*key, part)):
            for name in names_under("kept", text):
                if name not in known:
                    hint = did_you_mean(name, known, before="kept.")
                    yield below, f"kept.{name} is kept by no earlier step{hint}"
            for name in names_under("secret", text):
                if name not in secrets:
                    hint = did_you_mean(name, secrets, before="secret.")
                    yield below, f"secret.{name} is not in `secrets` of this insurer{hint}"


def _tokens(key: Key, step: RawTable) -> Iterator[Located]:
    for part in _EXPRESSIONS:
        for below, text in texts_in(step.get(part), (*key, part)):
            if any(names_under("auth", text)):
                yield below, "auth.token is what `auth` of the kind login or oauth2 brings"


def _content(key: Key, step: RawTable) -> Iterator[Located]:
    bodies = [name for name in BODIES if name in step]
    for name in bodies[1:]:
        yield (*key, name), f"a request has one content, and there is `{bodies[0]}` already"
    yield from step_problems(step, key)
