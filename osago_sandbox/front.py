"""Where one insurer's requests come in: counts them, lets faults happen, asks the desk."""

import asyncio
import math
from functools import partial

from aiohttp import web

from osago_sandbox.api import Answer, ApiError
from osago_sandbox.asked import Asked
from osago_sandbox.clock import Clock
from osago_sandbox.desk import Desk
from osago_sandbox.faults import Fault, FaultBoard, concerns
from osago_sandbox.mischief import Wired, spoil
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
        """The insurer's endpoints, one per step."""
        insurer = self._desk.insurer
        return [
            web.route(method, f"/{insurer.id}{path}", partial(self._serve, step))
            for step, (method, path) in insurer.endpoints.items()
        ]

    async def _serve(self, step: str, request: web.Request) -> web.StreamResponse:
        with self._desk.tally.request(self._clock.monotonic_s()):
            insurer = self._desk.insurer
            asked = Asked(
                method=request.method,
                target=request.raw_path,
                headers=request.headers,
                query=request.query,
                body=await request.read(),
                id=request.match_info.get("id"),
            )
            is_login = self._desk.is_handshake(asked)
            fault = self._fault("login" if is_login else step)
            self._count(asked, "login" if is_login else step)
            answer = await self._answer(asked, step, fault)
            return await spoil(request, Wired.of(answer, insurer.api.codec), fault)

    def _fault(self, step: str) -> Fault | None:
        insurer = self._desk.insurer.id
        weather = self._weather.next_for(insurer)  # drawn for each, so that orders shift none
        if weather is not None and not concerns(weather.fault, step):
            weather = None
        return self._board.next_for(insurer, step) or weather

    def _count(self, asked: Asked, step: str) -> None:
        self._desk.tally.step(step)
        if step == "create" and self._desk.key_of(asked) is None:
            self._desk.tally.creates_without_key += 1

    async def _answer(self, asked: Asked, step: str, fault: Fault | None) -> Answer:
        if fault is not None and fault.fault == "redirect":
            location = fault.params.get("location", ELSEWHERE)
            return Answer(302, {}, {"Location": location})
        try:
            if fault is not None:
                self._turn_away(asked, fault)
                await asyncio.sleep(fault.params.get("latency_s", 0))
            return await self._acted(asked, step, fault)
        except ApiError as error:
            return self._desk.error(error)

    async def _acted(self, asked: Asked, step: str, fault: Fault | None) -> Answer:
        refuse = fault is not None and fault.fault == "decline"
        match step:
            case "create":
                return await self._desk.create(asked, refuse=refuse, mistake=mistake_of(fault))
            case "poll":
                return await self._desk.poll(asked, refuse=refuse, mistake=mistake_of(fault))
            case "login":
                return await self._desk.log_in(asked)
            case _:
                return await self._desk.take_part(asked)

    def _turn_away(self, asked: Asked, fault: Fault) -> None:
        if fault.fault == "token_expired":
            raise self._desk.expired(asked)
        _turn_away(fault)


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
