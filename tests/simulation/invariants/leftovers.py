"""When everything is over nothing is left: no task, place, token, permit, watcher, and no bug."""

from collections.abc import Iterator

from tests.simulation.world import Evidence


def no_task_or_watcher_is_left(evidence: Evidence) -> Iterator[str]:
    """Every run has taken its tasks, scopes and watchers with it."""
    if evidence.tasks_left:
        yield f"{evidence.tasks_left} tasks live on"
    if evidence.desk.active:
        yield f"{evidence.desk.active} runs are still active"
    if evidence.lineup_left is not None and evidence.lineup_left._users:
        yield f"{evidence.lineup_left._users} still use the insurers from before a reload"
    if evidence.desk._switchboard._flights:
        yield f"{len(evidence.desk._switchboard._flights)} flights are still in the air"
    for record in evidence.records:
        if record.run._watchers:
            yield f"{record.run.id}: {len(record.run._watchers)} watchers are left"


def no_lease_is_left(evidence: Evidence) -> Iterator[str]:
    """Nobody asks, so nobody holds the right to ask, and nobody waits for it."""
    for key in evidence.hub.leases:
        yield f"{key.insurer}: a lease is left"
    if evidence.hub._over:
        yield f"somebody waits for {len(evidence.hub._over)} leases"


def no_permit_is_left(evidence: Evidence) -> Iterator[str]:
    """The breaker waits for nobody's result."""
    for insurer in evidence.desk.insurers.values():
        breaker = insurer.pipeline.breaker
        if breaker._permits.waiting:
            yield f"{insurer.id}: {len(breaker._permits.waiting)} permits not begun"
        if breaker._probing:
            yield f"{insurer.id}: {breaker._probing} probes without a result"


def nothing_is_left_of_the_limits(evidence: Evidence) -> Iterator[str]:
    """Nobody holds a place or a ticket, and nobody waits for one."""
    for insurer in evidence.desk.insurers.values():
        limiter = insurer.pipeline.limiter
        store = limiter._store
        # What was cut off counts until it must have arrived, and is put away at the next look.
        store.log._settle(evidence.over_at + limiter.numbers.arrival_s)
        left = {
            "places held": store.inside,
            "requests that wait for a place": limiter.places.waiting,
            "requests that wait for a ticket": limiter.tickets.waiting,
            "tickets without an end": store.log._open,
        }
        for what, number in left.items():
            if number:
                yield f"{insurer.id}: {number} {what}"


def there_was_no_bug(evidence: Evidence) -> Iterator[str]:
    """Nothing was raised that nobody expected."""
    yield from evidence.bugs
