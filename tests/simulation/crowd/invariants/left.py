"""When everything is over nothing is left, and all daemons together kept to the limits."""

from collections.abc import Iterator

from tests.simulation.crowd.happened import Happened
from tests.simulation.crowd.life import Life
from tests.simulation.invariants import limits
from tests.simulation.ledger import Ledger
from tests.simulation.plan import InsurerPlan, Plan
from tests.simulation.world import Evidence

NOTICED_AFTER_S = 2.0
"""Everybody asks the store once in a second."""


def no_task_flight_or_watcher_is_left(happened: Happened) -> Iterator[str]:
    """Every run has taken along what belonged to it."""
    for life in happened.lives:
        if not life.alive:
            continue
        if life.tasks_left:
            yield f"{life.name}: {life.tasks_left} tasks live on"
        if life.desk.active:
            yield f"{life.name}: {life.desk.active} runs are still active"
        if life.desk._switchboard._flights:
            yield f"{life.name}: {len(life.desk._switchboard._flights)} flights are in the air"
        for run in life.desk.latest(10_000):
            if run._watchers:
                yield f"{run.id}: {len(run._watchers)} watchers are left in {life.name}"
        for id_ in life.limits:
            yield from _left_of_limits(life, id_)


def _left_of_limits(life: Life, insurer: str) -> Iterator[str]:
    limiter = life.desk.insurers[insurer].pipeline.limiter
    shared = life.limits[insurer]
    left = {
        "places held": shared._local.inside,
        "requests that wait for a place": limiter.places.waiting,
        "requests that wait for a ticket": limiter.tickets.waiting,
        "questions under way": shared._asking,
    }
    for what, number in left.items():
        if number:
            yield f"{life.name}: {number} {what} at {insurer}"


def no_lease_is_left(happened: Happened) -> Iterator[str]:
    """Nobody asks, so nobody holds the right to ask, and nobody waits for it."""
    for key, holder in happened.hub.leases.items():
        yield f"{key.insurer}: the lease of call {holder.token} is left"
    if happened.hub._over:
        yield f"somebody waits for {len(happened.hub._over)} leases"
    for life in happened.lives:
        if life.alive and life.stand_in.leases:
            yield f"{life.name}: {len(life.stand_in.leases)} leases are left in its own memory"


def no_window_has_more_than_it_may(happened: Happened) -> Iterator[str]:
    """By all daemons together, as far as it is promised."""
    for insurer in happened.plan.insurers:
        if not _is_promised(happened, insurer):
            continue
        requests = (sent.request for sent in happened.sent)
        there = sorted((r for r in requests if r.insurer == insurer.id), key=lambda r: r.sent_at)
        plan = Plan(happened.plan.seed, (insurer,), ())
        desk = happened.lives[0].desk
        together = Evidence(plan, Ledger(there), happened.began, desk, happened.hub)
        yield from limits.no_window_has_more_than_it_may(together)


def _is_promised(happened: Happened, insurer: InsurerPlan) -> bool:
    """While all use the store; or none can, each knows of all others, and each has its share.

    What is over before everybody has noticed is an outage for some only. See
    `storage.limits.share`.
    """
    plan = happened.plan
    together = all(
        outage.daemon is None and outage.for_s > NOTICED_AFTER_S for outage in plan.outages
    )
    known = not plan.kills and not plan.drains
    shares = all(most >= plan.daemons for most, _for_s in limits.windows_of(insurer))
    return not plan.outages or (together and known and shares)


def there_was_no_bug(happened: Happened) -> Iterator[str]:
    """Nothing was raised that nobody expected."""
    yield from happened.bugs
