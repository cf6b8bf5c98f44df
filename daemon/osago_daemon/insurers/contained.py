"""What stands between others' adapters and the daemon, so that their mistakes stay theirs.

Knows no insurer and no policy. What no code of ours can contain is a plug-in that never gives up
the thread, a loop without an await or a call that blocks; and SystemExit in a task that it starts
itself, which asyncio lets out.
"""

import copy
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, cast

import anyio
import httpx

from osago_core.offer import Declined, Failed, Offer, Outcome
from osago_daemon.insurers import urls
from osago_daemon.insurers.port import Adapter, Call, Several
from osago_daemon.insurers.spec import InsurerSpec


class AdapterError(RuntimeError):
    """What an adapter raised is nothing that an adapter may raise."""


class KeptOpen(httpx.AsyncBaseTransport):
    """A way out that stays open whatever is done with it: insurers with equal options share one.

    `async with httpx.AsyncClient(transport=…)` closes what it is given.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        """Whoever made `transport` closes it."""
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `Transport`."""
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Leave it as it is."""


class Contained:
    """An adapter of a plug-in."""

    def __init__(self, adapter: Adapter, spec: InsurerSpec) -> None:
        """`spec` is its table."""
        self._adapter = adapter
        self._local = urls.is_loopback_url(str(getattr(spec, "base_url", "")))

    async def quote(self, call: Call) -> Outcome | Several:
        """As it says, but nothing that ends more than this call, and no word of a person's."""
        try:
            found = await self._adapter.quote(cast("Call", _OwnCall(call, self._several)))
        except (Exception, GeneratorExit):
            raise
        except anyio.get_cancelled_exc_class() as cancelled:
            if anyio.current_effective_deadline() == -math.inf:
                raise
            # Nobody has cancelled it: it waited for something of its own that was.
            bug = AdapterError("cancelled by nobody")
            raise bug.with_traceback(cancelled.__traceback__) from None
        except BaseException as other:  # noqa: BLE001  # SystemExit would take the daemon along
            bug = AdapterError(type(other).__name__)
            raise bug.with_traceback(other.__traceback__) from None
        return self._several(found, call) if isinstance(found, Several) else self._kept(found, call)

    def _several(self, several: Several, call: Call) -> Several:
        return Several({id_: self._kept(each, call) for id_, each in several.outcomes.items()})

    def _kept(self, outcome: Outcome, call: Call) -> Outcome:
        """What holds of all outcomes: payment links are https, words are masked."""
        match outcome:
            case Offer():
                return outcome.model_copy(update=self._unfit(outcome, call))
            case Declined(message=str(words)) | Failed(message=str(words)):
                return outcome.model_copy(update={"message": call.mask(words)})
            case _:
                return outcome  # what is none at all is found by who asked

    def _unfit(self, offer: Offer, call: Call) -> dict[str, str | None]:
        """What of an offer nobody may be shown: what leads elsewhere, or tells of persons."""
        url, number = offer.payment_url, offer.insurer_quote_id
        found = dict[str, str | None]()
        if offer.offered_by is not None:
            found["offered_by"] = call.mask(offer.offered_by)
        if url is not None and not (
            urls.is_payment_link(url, local=self._local)
            and all(call.mask(said) == said for said in urls.said_in(url))
        ):
            found["payment_url"] = None
        if number is not None and call.mask(number) != number:
            found["insurer_quote_id"] = None
        return found


class _OwnCall:
    """A call whose application may be changed: all insurers' calls share one."""

    def __init__(self, call: Call, fit: Callable[[Several, Call], Several]) -> None:
        self._call = call
        self._fit = fit

    @cached_property
    def application(self) -> Mapping[str, Any]:
        return copy.deepcopy(self._call.application)

    def heard(self, several: Several) -> None:
        """Held to what all outcomes are held to."""
        self._call.heard(self._fit(several, self._call))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)
