"""A plug-in whose adapters do all that an adapter must not do. Installed by tests as it stands."""

import asyncio

import anyio
import httpx

from osago_daemon.insurers.plugin import (
    AdapterKind,
    Declined,
    DeclineReason,
    InsurerSpec,
    Offer,
    Several,
)


class MischiefSpec(InsurerSpec):
    """`deed` names the function below."""

    deed: str


class OwnEnd(BaseException):
    """Neither an error nor a cancellation."""


async def raises(_call):
    raise ValueError("canary")


async def leaves(_call):
    raise SystemExit(3)


async def ends(_call):
    raise OwnEnd


async def cancelled(_call):
    """Waits for a task of its own that somebody has cancelled."""
    task = asyncio.ensure_future(asyncio.sleep(60))
    task.cancel()
    await task


async def group(_call):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ends, None)


async def nothing(_call):
    return None


async def half(_call):
    return Offer.model_construct(premium="canary")


async def unnamed(_call):
    return Several({"nobody": Offer(premium=1)})


def at_once(_call):
    return Offer(premium=1)  # nothing to await


async def forever(_call):
    await anyio.sleep_forever()


async def spoils(call):
    """Changes what all insurers are sent."""
    for name in list(call.application):
        del call.application[name]
    return Offer(premium=1, payment_url="http://pay.example.org/1")


async def shows(call):
    vin = call.application["vehicle"]["vin"]
    url = f"https://pay.example.org/1?vin={vin}"
    return Offer(premium=1, payment_url=url, insurer_quote_id=vin)


async def names(call):
    name = call.application["owner"]["last_name"]
    return Offer(premium=1, offered_by=f"the house of {name}")


async def gossips(call):
    name = call.application["owner"]["last_name"]
    return Declined(reason=DeclineReason.OTHER, message=f"{name} is not welcome")


class Closer:
    """Asks as httpx's documentation shows."""

    def __init__(self, transport):
        self._transport = transport

    async def quote(self, call):
        async def ask():
            async with httpx.AsyncClient(transport=self._transport) as client:
                return (await client.get("http://insurer.example")).json()

        return Offer(premium=await call.attempt(ask, repeatable=True))


class Mischief:
    def __init__(self, spec, around):
        if spec.deed == "closes":
            self.quote = Closer(around.transport).quote
            return
        self.quote = globals()[spec.deed]


KIND = AdapterKind(MischiefSpec, Mischief)
