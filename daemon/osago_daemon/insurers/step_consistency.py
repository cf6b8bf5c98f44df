"""What spans several steps of an insurer's table: their order, what is kept, what is sent.

Works on the raw table, as `consistency.py` does. What expressions read is `step_reading.py`.
"""

from collections.abc import Iterator, Mapping

from osago_daemon.insurers import urls
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import did_you_mean
from osago_daemon.insurers.progress import DONE
from osago_daemon.insurers.raw import RawTable, steps_of, table_of, text_of
from osago_daemon.insurers.step_spec import BODIES
from osago_daemon.insurers.tables import Located
from osago_daemon.insurers.xml import step_problems

_OURS = DONE[0]


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every contradiction between the keys of steps, and between steps."""
    yield from _which(insurer)
    steps = steps_of(insurer)
    yield from _order(steps, named=isinstance(insurer.get("steps"), list))
    known: dict[str, bool] = {}
    for key, step in steps:
        yield from _path(insurer, key, step, known)
        yield from _content(key, step)
        yield from _keep(key, step, known)


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
    if named:
        yield from _named(steps)
    if steps and steps[-1][1].get("decides") is False:
        yield (*steps[-1][0], "decides"), "nothing comes after the last step: it must decide"


def _named(steps: list[tuple[Key, RawTable]]) -> Iterator[Located]:
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
        others = any(earlier.get("decides") is True for _, earlier in steps[:-1])
        if "when" in step and not others:
            yield (*key, "when"), "the last step decides: nobody would where it is left out"


def _path(
    insurer: RawTable, key: Key, step: RawTable, known: Mapping[str, bool]
) -> Iterator[Located]:
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
        elif known.get(name) and name not in params:
            yield (*key, "path"), f"{{{name}}} is a list: a step with `each` keeps it"
    for name in sorted(params - set(urls.placeholders(path))):
        yield (*key, "path_params", name), f"{{{name}}} does not stand in the path"
    base_url = text_of(insurer, "base_url")
    if base_url is None or urls.base_url_problem(base_url, allow_http=True) is not None:
        return
    # A path that is one by itself, and yet makes no URL: too long, mostly.
    if urls.is_path(path) and not urls.is_joinable(base_url, path):
        yield (*key, "path"), "makes no URL together with base_url"


def _content(key: Key, step: RawTable) -> Iterator[Located]:
    bodies = [name for name in BODIES if name in step]
    for name in bodies[1:]:
        yield (*key, name), f"a request has one content, and there is `{bodies[0]}` already"
    for name, part in table_of(step, "multipart").items():
        if isinstance(part, Mapping):
            yield from _part((*key, "multipart", name), part)
    yield from step_problems(step, key)


def _part(key: Key, part: RawTable) -> Iterator[Located]:
    if "value" in part and "body" in part:
        yield (*key, "body"), "a part has one content, and there is `value` already"
    elif "value" not in part and "body" not in part:
        yield key, "a part is a `value` or a `body` (JSON)"


def _keep(key: Key, step: RawTable, known: dict[str, bool]) -> Iterator[Located]:
    """Adds to `known` what the step keeps: name → whether it is a list of each item's."""
    each = "each" in step
    for name in table_of(step, "keep"):
        if name.startswith(_OURS):
            yield (*key, "keep", name), f"names with {_OURS} are our own: what is done stands there"
        if known.setdefault(name, each) is not each:
            text = "another step keeps it as well, and one of the two has `each`: that one's a list"
            yield (*key, "keep", name), text
