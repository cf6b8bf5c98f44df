"""`/_control/…`: faults on demand, counts, readiness; and `/`, which says what there is."""

import json
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web

from osago_sandbox.desk import Desk
from osago_sandbox.faults import FAULTS, BadOrder, FaultBoard

CONTROLS = {
    "GET /_control/health": "ready to serve",
    "POST /_control/faults": 'order one: {"insurer": ID or "*", "fault": NAME, "times"?, "step"?}',
    "GET /_control/faults": "those on order, oldest first",
    "DELETE /_control/faults": "drop all, or one insurer's with ?insurer=ID",
    "GET /_control/stats": "counts per insurer",
    "DELETE /_control/stats": "start counting again",
}

_pretty = partial(json.dumps, ensure_ascii=False, indent=2)


class Control:
    """What whoever runs the sandbox may see and do."""

    def __init__(self, board: FaultBoard, desks: Sequence[Desk]) -> None:
        self._board = board
        self._desks = desks

    def routes(self) -> list[web.RouteDef]:
        """The control paths and the page at the root."""
        return [
            web.get("/", self._about),
            web.get("/_control/health", self._health),
            web.post("/_control/faults", self._order),
            web.get("/_control/faults", self._faults),
            web.delete("/_control/faults", self._clear_faults),
            web.get("/_control/stats", self._stats),
            web.delete("/_control/stats", self._clear_stats),
        ]

    async def _about(self, _: web.Request) -> web.Response:
        insurers = {
            desk.insurer.id: {
                "name": desk.insurer.name,
                "about": desk.insurer.about,
                "poll": None,
                **{
                    step: f"{method} /{desk.insurer.id}{path}"
                    for step, (method, path) in desk.insurer.endpoints.items()
                },
            }
            for desk in self._desks
        }
        return _answer({"insurers": insurers, "control": CONTROLS, "faults": FAULTS})

    async def _health(self, _: web.Request) -> web.Response:
        return _answer({"status": "ok", "insurers": len(self._desks)})

    async def _order(self, request: web.Request) -> web.Response:
        try:
            fault = self._board.order(json.loads(await request.read()))
        except BadOrder as bad:
            return _bad(bad)
        except (ValueError, RecursionError):
            return _bad(BadOrder("the body is not JSON"))
        return _answer(fault.as_json(), HTTPStatus.CREATED)

    async def _faults(self, _: web.Request) -> web.Response:
        return _answer({"faults": self._board.active()})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        try:
            insurer = request.query.get("insurer")
            removed = self._board.clear(insurer)
        except BadOrder as bad:
            return _bad(bad)
        for desk in self._desks:
            if insurer in {None, desk.insurer.id}:
                desk.pardon()
        return _answer({"removed": removed})

    async def _stats(self, _: web.Request) -> web.Response:
        counts = {desk.insurer.id: desk.tally.as_json() for desk in self._desks}
        return _answer({"insurers": counts})

    async def _clear_stats(self, _: web.Request) -> web.Response:
        for desk in self._desks:
            desk.tally.clear()
        return _answer({"cleared": True})


def _bad(bad: BadOrder) -> web.Response:
    known = {"known": list(bad.known)} if bad.known else {}
    return _answer({"error": bad.message, **known}, HTTPStatus.BAD_REQUEST)


def _answer(body: Any, status: int = HTTPStatus.OK) -> web.Response:
    return web.json_response(body, status=status, dumps=_pretty)
