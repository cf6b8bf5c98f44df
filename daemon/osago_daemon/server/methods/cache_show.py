"""`cache.show`: what is kept of today's answers, in counts; nothing of anybody."""

from osago_core.wire.methods import CacheShowResult, KeptAnswers, NoParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.store_status import moment, store_status


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> CacheShowResult:
    """Look, change nothing."""
    del client, params
    store = daemon.desk.store
    kept = await store.kept()
    return CacheShowResult(
        store=store_status(store.state()),
        answers=sum(one.answers for one in kept),
        bytes=sum(one.bytes for one in kept),
        insurers=tuple(
            KeptAnswers(
                insurer=one.insurer,
                answers=one.answers,
                bytes=one.bytes,
                oldest_at=moment(one.oldest_at),
                newest_at=moment(one.newest_at),
                journal=one.entries,
            )
            for one in kept
        ),
    )
