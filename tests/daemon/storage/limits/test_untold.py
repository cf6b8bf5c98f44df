"""What the store is still to be told, over many changes of the limits."""

from osago_daemon.storage.limits.untold import Untold
from osago_daemon.storage.port import Rule

RULES = (Rule("per_minute", 5, 60.0),)


def test_new_limits_leave_nothing_behind_but_what_is_to_be_told():
    untold = Untold(RULES, 30.0)
    flight = untold.take()
    for _ in range(20):
        untold.follow(RULES, 30.0)
    assert len(untold._logs) == 2
    flight.sent(1.0)
    flight.answered(2.0)
    assert untold.ends(3.0) == [2.0]
