"""What an insurer has answered is there for everybody, all day."""

from collections.abc import Iterator

from osago_daemon.quoting import keeping
from tests.simulation.crowd.happened import Given, Happened, Record
from tests.simulation.crowd.invariants.told import EPS_S, outcomes_of

ASIDE = ("cancelled", "draining")


def what_was_given_is_not_asked_for_again(happened: Happened) -> Iterator[str]:
    """Whoever asks later on that day, and not on purpose anew, is told what is kept."""
    for record in happened.records:
        if record.visit.cache == "refresh":
            continue
        for event, _at in outcomes_of(record):
            given = _given_before(happened, record, event["insurer"])
            if given is not None and event["source"] != "cache":
                yield (
                    f"{record.id}: {event['insurer']} had answered "
                    f"{record.began_at - given.at:.3f} s before, but it got a {event['type']} "
                    f"({event['source']}: {event.get('message')})"
                )


def _given_before(happened: Happened, record: Record, insurer: str) -> Given | None:
    """What a daemon that lived on was given for it before it began."""
    key = record.keys[insurer]
    for given in happened.given:
        died_at = given.life.died_at
        if (
            given.key == key
            and given.at < record.began_at - EPS_S
            and (died_at is None or died_at > given.at + EPS_S)
            and not given.life.was_away
            and not record.lives[0].was_away
            and _is_of_use(happened, given, record)
        ):
            return given
    return None


def _is_of_use(happened: Happened, given: Given, record: Record) -> bool:
    """By the clocks of who kept it and of the store, its day lasts until the run is over."""
    ends_at = keeping.kept_until(given.key.day)
    until = record.told[-1].at if record.told else record.began_at
    jumps = [at for at, _daemon, _by_s in happened.jumps if at <= until]
    moments = [given.at, *jumps, *(at - EPS_S for at in jumps), until]
    return all(happened.now(None, at) < ends_at for at in moments)
