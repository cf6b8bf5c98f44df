"""What would be sent, without sending: the first request as it is, of later ones what is known.

What an answer would give stands as `{kept.NAME}`.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from osago_daemon.insurers import urls
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.requests import Prepared
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.stops import Stop
from osago_daemon.resilience.trouble import Trouble
from osago_daemon.trying.exchanges import request_shown
from osago_daemon.trying.masking import Masker
from osago_daemon.trying.walking import Trip, call_of
from osago_daemon.trying.watching import LOGIN, OTHER, Document


class _Nowhere(httpx.AsyncBaseTransport):
    """Takes the first request and sends nothing."""

    def __init__(self) -> None:
        self.request: httpx.Request | None = None
        self.step: str | None = None

    def sending(self, step: str, request: httpx.Request) -> None:
        """See `rest.Watcher`."""
        del request
        self.step = step

    def answered(self, *_: object) -> None:
        """Never."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.request = self.request or request
        raise httpx.ConnectError("nothing is sent")


async def rehearse(trip: Trip) -> None:
    """Tell of every request. Opens no connection."""
    tried, nowhere = trip.tried, _Nowhere()
    masker = Masker(trip.application, tried.secret_values)
    adapter = tried.adapter(nowhere, nowhere, trip.now)
    problem = None
    try:
        await adapter.quote(call_of(trip))
    except Trouble as trouble:
        problem = trouble
    if not isinstance(adapter, RestAdapter):
        if nowhere.request is not None:
            trip.tell(_entry(OTHER, nowhere.request, masker))
        elif problem is not None:
            trip.tell(_failed(OTHER, masker.text(problem.message)))
        return
    if nowhere.request is not None and nowhere.step is None:
        trip.tell(_entry(LOGIN, nowhere.request, masker) | {"login": True})
    _Rehearsal(trip, adapter, masker).run()


class _Rehearsal:
    """The steps of a declarative adapter, over an application and no answers."""

    def __init__(self, trip: Trip, adapter: RestAdapter, masker: Masker) -> None:
        self._trip = trip
        self._adapter = adapter
        self._masker = masker
        self._call = call_of(trip)
        self._kept: dict[str, Any] = {}

    def run(self) -> None:
        before = None
        for stop in self._adapter.stops:
            entry = self._step(stop, before)
            if entry is not None:
                self._trip.tell(entry)
            for name in stop.step.spec.keep:
                text = f"{{kept.{name}}}"
                self._kept[name] = text if stop.step.each is None else [text]
            before = stop

    def _step(self, stop: Stop, before: Stop | None) -> Document | None:
        name = stop.step.name
        scope = {**self._adapter.scope(self._call), "kept": self._kept}
        notes: Document = {}
        try:
            if _asks_kept(stop.step.when):
                notes["when"] = stop.step.when.text if stop.step.when is not None else ""
            elif not stop.true("when", stop.step.when, scope):
                return _failed(name, "") | {"skipped": True}
            items = ["{item}"] if _asks_kept(stop.step.each) else stop.items(scope)
            if not items:
                return _failed(name, "") | {"skipped": True}
            if stop.step.each is not None:
                notes["requests"] = None if _asks_kept(stop.step.each) else len(items)
            index = None if stop.step.each is None else 0
            scope = {**scope, "item": items[0], "index": index}
            request = self._prepared(stop, scope, before)
        except ExpressionError as error:
            return _failed(name, str(error)) | self._place(error) | notes
        except Trouble as trouble:
            return _failed(name, trouble.message) | notes
        visit = self._adapter.visit(self._call)
        try:
            sent = request.signed(
                visit.headers(request.request()), visit.content(request.request())
            )
        except Trouble:  # there was no login
            sent, notes = request.request(), {**notes, "before_login": True}
        entry = _entry(name, sent, self._masker) | notes
        link = urls.link_in(stop.step.spec.path)
        if link is not None:
            entry["request"]["url"] = f"{{kept.{link}}}"
        return entry

    def _prepared(self, stop: Stop, scope: Mapping[str, Any], before: Stop | None) -> Prepared:
        if urls.link_in(stop.step.spec.path) is None:
            return stop.builder.build(stop.url(scope, before), scope)
        return stop.builder.build(urls.join(stop.base_url, "/"), scope)

    def _place(self, error: ExpressionError) -> Document:
        place = self._trip.tried.file.lines.of(error.key)
        return {"line": place} if place is not None else {}


def _asks_kept(expression: Expression | None) -> bool:
    return expression is not None and "kept" in expression.roots()


def _entry(step: str, request: httpx.Request, masker: Masker) -> Document:
    return {
        "step": step,
        "login": False,
        "request": _readable(request_shown(request, masker)),
        "answer": None,
        "expressions": [],
    }


def _readable(request: Document) -> Document:
    """With placeholders as they are written, not percent-encoded."""
    url = str(request["url"]).replace("%7B", "{").replace("%7D", "}")
    return {**request, "url": url}


def _failed(step: str, text: str) -> Document:
    entry: Document = {
        "step": step,
        "login": False,
        "request": None,
        "answer": None,
        "expressions": [],
    }
    return entry | ({"problem": text} if text else {})
