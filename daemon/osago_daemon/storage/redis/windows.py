"""The insurers' windows in sorted sets: a place's score is its end, in microseconds. Exact.

See `Windows` of the port.
"""

import math
from collections.abc import Mapping, Sequence

from osago_daemon.storage.port import PAUSE, Full, Place, Rule, Usage, Used
from osago_daemon.storage.redis import names, scripts
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import DAY_US, MICRO, Clock, given, seconds, us
from osago_daemon.storage.redis.requests import Call, Command, Text

MOST_AT_ONCE = 2000
"""Places that one script adds, so that nobody waits long for it."""
_NEVER = -1


class RedisWindows:
    """Places, pauses, and how full it is."""

    def __init__(self, link: Link, clock: Clock | None) -> None:
        self._link = link
        self._clock = clock

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`."""
        keys = (names.places(insurer), names.numbers(insurer), names.pause(insurer))
        now, arrival_us = given(self._clock), us(arrival_s)
        ((first, *which),) = await self._link.ask(
            [Call(scripts.TAKE_PLACE, keys, [now, arrival_us, *_numbers(rules)])]
        )
        if not which:
            return Place(insurer, first)
        return Full(_free_in_s(first), rules[which[0] - 1].limit if which[0] else PAUSE)

    def move_place(self, place: Place, *, drop: bool) -> None:
        """Let it end now, or drop it."""
        keys = (names.places(place.insurer), names.numbers(place.insurer))
        args = (given(self._clock), place.number, int(drop))
        self._link.tell(Call(scripts.MOVE_PLACE, keys, args))

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        args = (given(self._clock), us(for_s))
        self._link.tell(Call(scripts.PAUSE, (names.pause(insurer),), args))

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        self._link.tell(Command("DEL", names.pause(insurer)))

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`."""
        now = given(self._clock)
        calls = [
            Call(scripts.USAGE, (names.places(insurer), names.pause(insurer)), (now, *_numbers(of)))
            for insurer, of in rules.items()
        ]
        replies = await self._link.ask(calls)
        return {
            insurer: _usage(of, reply)
            for (insurer, of), reply in zip(rules.items(), replies, strict=True)
        }

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`."""
        keys = (names.places(insurer), names.numbers(insurer))
        ago = [math.floor(s * MICRO) for s in ended_s_ago]
        for start in range(0, len(ago), MOST_AT_ONCE):
            some = ago[start : start + MOST_AT_ONCE]
            args: list[Text] = [given(self._clock), 2 * DAY_US, *some]
            await self._link.ask([Call(scripts.ADD_PLACES, keys, args)])


def _numbers(rules: Sequence[Rule]) -> list[int]:
    return [number for rule in rules for number in (rule.most, us(rule.period_s))]


def _free_in_s(free_us: int) -> float:
    return math.inf if free_us == _NEVER else seconds(free_us)


def _usage(rules: Sequence[Rule], reply: Sequence[int]) -> Usage:
    paused, *numbers = reply
    used = (
        Used(rule.limit, numbers[2 * n], _free_in_s(numbers[2 * n + 1]))
        for n, rule in enumerate(rules)
    )
    return Usage(tuple(used), seconds(paused))
