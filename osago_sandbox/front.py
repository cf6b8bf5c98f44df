"""Where one insurer's requests come in: counts them, lets faults happen, asks the desk."""

import asyncio
import math

from aiohttp import web

from osago_sandbox.api import Answer, ApiError, Asked
from osago_sandbox.desk import Clock, Desk
from osago_sandbox.faults import Fault, FaultBoard
from osago_sandbox.mischief import spoil
from osago_sandbox.mistakes import mistake_of
from osago_sandbox.profiles import Weather

ELSEWHERE = "https://elsewhere.example/"


class Front:
    """One insurer's endpoints.

    A fault that turns requests away (5xx, 429, 401, redirect) does so before the desk hears of
    them; every other one happens to the answer of a request that was acted upon.
    """

    def __init__(self, desk: Desk, board: FaultBoard, weather: Weather, clock: Clock) -> None:
        self._desk = desk
        self._board = board
        self._weather = weather
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The insurer's one or two endpoints."""
        api, prefix = self._desk.insurer.api, f"/{self._desk.insurer.id}"
        routes = [web.post(prefix + api.create, self._create)]
        if api.poll is not None:
            routes.append(web.get(prefix + api.poll, self._poll, allow_head=False))
        return routes

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "create")

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "poll")

    async def _serve(self, request: web.Request, step: str) -> web.StreamResponse:
        with self._desk.tally.request(self._clock.monotonic_s()):
            insurer = self._desk.insurer.id
            weather = self._weather.next_for(insurer)  # drawn for each, so that orders shift none
            fault = self._board.next_for(insurer, step) or weather
            asked = Asked(
                headers=request.headers,
                query=request.query,
                body=await request.read(),
                id=request.match_info.get("id"),
            )
            self._count(asked, step)
            answer = await self._answer(asked, step, fault)
            return await spoil(request, answer, fault)

    def _count(self, asked: Asked, step: str) -> None:
        tally = self._desk.tally
        if step == "poll":
            tally.polls += 1
            return
        tally.creates += 1
        if self._desk.key_of(asked) is None:
            tally.creates_without_key += 1

    async def _answer(self, asked: Asked, step: str, fault: Fault | None) -> Answer:
        if fault is not None and fault.fault == "redirect":
            location = fault.params.get("location", ELSEWHERE)
            return Answer(302, {}, {"Location": location})
        try:
            if fault is not None:
                _turn_away(fault)
                await asyncio.sleep(fault.params.get("latency_s", 0))
            refuse = fault is not None and fault.fault == "decline"
            act = self._desk.create if step == "create" else self._desk.poll
            return await act(asked, refuse=refuse, mistake=mistake_of(fault))
        except ApiError as error:
            return self._desk.error(error)


def _turn_away(fault: Fault) -> None:
    headers = {}
    if "retry_after_s" in fault.params:
        headers["Retry-After"] = str(math.ceil(fault.params["retry_after_s"]))
    match fault.fault:
        case "http_500":
            raise ApiError(500, "failed", "Внутренняя ошибка сервиса")
        case "http_503":
            raise ApiError(503, "failed", "Сервис временно недоступен", headers=headers)
        case "http_429":
            raise ApiError(429, "throttled", "Слишком много запросов", headers=headers)
        case "token_expired":
            raise ApiError(401, "unauthorized", "Срок действия токена истёк")
