"""What insurers see: nobody is asked twice, by all daemons together, whatever befalls them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tests.simulation.crowd.happened import Happened, Record, Sent
from tests.simulation.crowd.invariants.told import outcomes_of


class Matter(NamedTuple):
    """What an insurer is to be asked once."""

    insurer: str
    application: str
    day: str
    round: str


def nobody_is_asked_twice(happened: Happened) -> Iterator[str]:
    """Where they can't tell a repetition: one application per insurer, day and round.

    A daemon that could not use the store when its call was begun, or its create was sent, may make
    one more in that life: nobody can tell it of the others', or them of its own.
    """
    for matter, creates in _by_matter(happened).items():
        if happened.insurer(matter.insurer).idempotent:
            continue
        made = [sent for sent in creates if sent.request.acted]
        alone = {sent.life.name for sent in made if sent.away}
        there = sum(not sent.away for sent in made)
        each = Counter(sent.life.name for sent in made if sent.away)
        if there > 1 or max(each.values(), default=0) > 1:
            yield (
                f"{_named(matter)}: {len(made)} applications, by "
                f"{', '.join(name(happened, sent) for sent in made)}; alone were {sorted(alone)}"
            )


def a_round_has_one_key(happened: Happened) -> Iterator[str]:
    """So that they can tell a repetition; and another round another one, so that it is none."""
    keys: dict[str, Matter] = {}
    for matter, creates in _by_matter(happened).items():
        found = {sent.request.key for sent in creates}
        if len(found) > 1:
            yield f"{_named(matter)}: {len(found)} idempotency keys"
        for key in found:
            other = keys.setdefault(key, matter)
            if other != matter:
                yield f"{_named(matter)}: the idempotency key of {_named(other)}"


def a_new_round_is_somebodys_wish(happened: Happened) -> Iterator[str]:
    """One for all who take what there is, and one for each run that asks anew on purpose."""
    for sent in happened.creates:
        wishes = {
            record.id if record.visit.cache == "refresh" else ""
            for record in happened.records
            if sent.key in record.keys.values() and record.began_at <= sent.request.sent_at
        }
        if sent.round not in wishes:
            yield f"{name(happened, sent)}: round {sent.round!r} is none of {sorted(wishes)}"


def nothing_is_sent_for_nobody(happened: Happened) -> Iterator[str]:
    """Some run of that daemon wants to know it, has not been told, and is not over."""
    for sent in happened.sent:
        if not any(_wants(record, sent) for record in happened.records):
            yield f"{name(happened, sent)}: nobody wants to know"


def _wants(record: Record, sent: Sent) -> bool:
    at = sent.request.sent_at
    if sent.life not in record.lives or record.keys.get(sent.key.insurer) != sent.key:
        return False
    told_at = [at for event, at in outcomes_of(record) if event["insurer"] == sent.key.insurer]
    ends = [record.deadline_at, *told_at]
    if record.stopped_at is not None:
        ends.append(record.stopped_at)
    return record.visit.cache != "only" and record.began_at <= at <= min(ends)


def _by_matter(happened: Happened) -> dict[Matter, list[Sent]]:
    found: defaultdict[Matter, list[Sent]] = defaultdict(list)
    for sent in happened.creates:
        found[Matter(sent.key.insurer, sent.application, sent.key.day, sent.round)].append(sent)
    return found


def _named(matter: Matter) -> str:
    return f"{matter.insurer} about {matter.application} on {matter.day}, round {matter.round!r}"


def name(happened: Happened, sent: Sent) -> str:
    """For people."""
    request = sent.request
    at_s = request.sent_at - happened.began
    return f"{request.run} at {at_s:.3f}: {request.step} {request.nth} to {request.insurer}"
