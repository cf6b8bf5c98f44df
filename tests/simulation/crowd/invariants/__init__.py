"""What must hold of every world of several daemons: functions from what happened to complaints."""

from collections.abc import Callable, Iterator

from tests.simulation.crowd.happened import Happened
from tests.simulation.crowd.invariants import alone, asked, kept, left, told

Invariant = Callable[[Happened], Iterator[str]]

ALL: tuple[Invariant, ...] = (
    asked.nobody_is_asked_twice,
    asked.a_round_has_one_key,
    asked.a_new_round_is_somebodys_wish,
    asked.nothing_is_sent_for_nobody,
    told.a_run_is_told_once_and_in_order,
    told.a_run_ends_in_time,
    told.everybody_asked_has_one_outcome,
    told.no_outcome_is_invented,
    told.a_refresh_is_told_nothing_old,
    told.who_has_joined_hears_it_too,
    told.who_waits_hears_what_came_of_it,
    kept.what_was_given_is_not_asked_for_again,
    left.no_task_flight_or_watcher_is_left,
    left.no_lease_is_left,
    left.no_window_has_more_than_it_may,
    left.there_was_no_bug,
    alone.each_daemon_keeps_to_its_numbers,
)


def violations(happened: Happened) -> list[str]:
    """Everything that is wrong with a world, each with the invariant it breaks."""
    return [
        f"{invariant.__name__}: {complaint}"
        for invariant in ALL
        for complaint in invariant(happened)
    ]
