"""The news of all insurers' windows in one question, once a second."""

from collections.abc import Iterable

from osago_daemon.storage.limits.shared import SharedLimits
from osago_daemon.storage.port import StoreError, Windows


async def refresh(limits: Iterable[SharedLimits], store: Windows) -> None:
    """Tell the store what it doesn't know, hear how full it is; never raises StoreError.

    Call it before the first request and then every second, one call at a time: how exact the
    limits are while the store is away rests on how new the news is. It is also what notices that
    the store is back.
    """
    every = list(limits)
    try:
        for one in every:
            await one.tell()
        questions = [one.question() for one in every]
        usage = await store.usage({one.insurer: one.rules for one in every})
    except StoreError:
        for one in every:
            one.lost()
    else:
        for one, question in zip(every, questions, strict=True):
            one.heard(usage[one.insurer], question)
