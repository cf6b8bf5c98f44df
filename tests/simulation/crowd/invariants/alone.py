"""What holds of every daemon by itself, with and without others."""

from collections.abc import Iterator

from tests.simulation.crowd.happened import Happened
from tests.simulation.invariants import breaker, leftovers, limits, requests

OF_EACH = (
    requests.every_attempt_is_bounded,
    requests.what_may_have_been_acted_upon_is_not_sent_twice,
    requests.retries_keep_to_their_numbers,
    requests.retry_after_is_respected,
    requests.who_asks_for_silence_gets_it,
    requests.polls_keep_their_distance,
    requests.retries_stay_within_the_budget,
    requests.the_breaker_is_obeyed,
    breaker.nobody_is_left_alone_for_too_long,
    breaker.nobody_is_left_alone_without_cause,
    limits.never_more_at_once_than_it_may,
)


def each_daemon_keeps_to_its_numbers(happened: Happened) -> Iterator[str]:
    """Each life as if it were alone in the world."""
    for life, evidence in zip(happened.lives, happened.alone, strict=True):
        for invariant in (*OF_EACH, *((leftovers.no_permit_is_left,) if life.alive else ())):
            for complaint in invariant(evidence):
                yield f"{life.name}: {invariant.__name__}: {complaint}"
