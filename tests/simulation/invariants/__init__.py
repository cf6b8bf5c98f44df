"""What must hold of every world, whatever its seed: functions from evidence to complaints."""

from collections.abc import Callable, Iterator

from tests.simulation.invariants import breaker, budget, fairness, leftovers, limits, requests, runs
from tests.simulation.world import Evidence

Invariant = Callable[[Evidence], Iterator[str]]

ALL: tuple[Invariant, ...] = (
    runs.events_are_numbered_and_end_with_one_done,
    runs.a_watcher_sees_everything_in_order,
    runs.a_run_ends_in_time,
    runs.everybody_asked_has_one_outcome,
    runs.no_answer_is_lost_or_late,
    runs.no_outcome_is_invented,
    requests.nothing_is_sent_when_its_run_is_over,
    requests.every_attempt_is_bounded,
    requests.what_may_have_been_acted_upon_is_not_sent_twice,
    requests.retries_keep_to_their_numbers,
    requests.retry_after_is_respected,
    requests.who_asks_for_silence_gets_it,
    requests.polls_keep_their_distance,
    requests.retries_stay_within_the_budget,
    runs.the_end_tells_its_reason,
    requests.the_breaker_is_obeyed,
    budget.nobody_gives_up_who_can_afford_a_retry,
    breaker.nobody_is_left_alone_for_too_long,
    breaker.nobody_is_left_alone_without_cause,
    fairness.nobody_is_refused_who_had_a_chance,
    fairness.no_batch_passes_who_is_interactive,
    fairness.what_is_decided_in_time_is_told,
    limits.no_window_has_more_than_it_may,
    limits.never_more_at_once_than_it_may,
    leftovers.no_task_or_watcher_is_left,
    leftovers.no_lease_is_left,
    leftovers.no_permit_is_left,
    leftovers.nothing_is_left_of_the_limits,
    leftovers.there_was_no_bug,
)


def violations(evidence: Evidence) -> list[str]:
    """Everything that is wrong with a world, each with the invariant it breaks."""
    return [
        f"{invariant.__name__}: {complaint}"
        for invariant in ALL
        for complaint in invariant(evidence)
    ]
