"""The breaker as a policy: which attempts are made at all, and what each result says to it.

Knows results and troubles; the rules stand in `states.py`.
"""

from typing import Any

import anyio

from osago_daemon.resilience.breaker.permit import Permit
from osago_daemon.resilience.breaker.states import Breaker
from osago_daemon.resilience.exchange import Exchange, Health, Result, Step
from osago_daemon.resilience.trouble import SICKNESS, Trouble


class BreakerPolicy:
    """An attempt that the breaker lets through, and what its result says to the breaker."""

    name = "breaker"
    keys = ("breaker",)

    def __init__(self, breaker: Breaker) -> None:
        """The insurer's one breaker."""
        self.breaker = breaker

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """`broken_off` where nobody is let through, also to those who still wait further in."""
        permit = self.breaker.enter(continuing=exchange.continuing)
        if isinstance(permit, Trouble):
            return permit
        with permit, permit.scope():
            try:
                result = await inner(_timed(exchange, permit))
            except anyio.get_cancelled_exc_class():
                if exchange.deadline.left_s() <= 0:
                    permit.cut()
                raise
            _settle(permit, result)
            return result
        return permit.refusal


def _timed(exchange: Exchange[Any], permit: Permit) -> Exchange[Any]:
    """The same exchange, its attempt timed from when it is really sent."""

    async def send() -> Any:
        permit.began()
        try:
            return await exchange.send()
        finally:
            permit.ended()

    return exchange.sent_by(send)


def _settle(permit: Permit, result: Result) -> None:
    if isinstance(result, Trouble):
        if result.kind in SICKNESS:
            permit.failed()
        else:
            permit.nothing()
    elif result.health is Health.GOOD:
        permit.good()
    elif result.health is Health.REFUSED:
        permit.refused()
    else:
        permit.answered()
