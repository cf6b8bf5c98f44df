"""The retry table of the design, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.retry import MAX_WAIT_S, RULES, Backoff
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

NEVER = {
    TroubleKind.AUTH,
    TroubleKind.REJECTED,
    TroubleKind.BAD_ANSWER,
    TroubleKind.BROKEN_OFF,
    TroubleKind.MISCONFIGURED,
}


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def backoff(*, left_s=60.0, repeatable=True, jitter=1.0):
    return Backoff(
        deadline=Deadline.after(left_s),
        attempt_timeout_s=10.0,
        repeatable=repeatable,
        random_=lambda: jitter,
    )


def trouble(kind, retry_after_s=None):
    return Trouble(kind, "as it happens", retry_after_s=retry_after_s)


async def waits(kind, times=3, **options):
    policy = backoff(**options)
    return [policy.after(trouble(kind)) for _ in range(times)]


async def test_every_kind_is_either_in_the_table_or_never_retried():
    assert set(RULES) | NEVER == set(TroubleKind)
    assert not set(RULES) & NEVER


@pytest.mark.parametrize("kind", sorted(NEVER))
async def test_asking_again_changes_nothing_for(kind):
    assert await waits(kind) == [None, None, None]


async def test_connect_doubles_from_a_fifth_of_a_second():
    assert await waits(TroubleKind.CONNECT) == [0.2, 0.4, 0.8]


async def test_server_error_doubles_from_half_a_second():
    assert await waits(TroubleKind.SERVER_ERROR) == [0.5, 1.0, 2.0]


async def test_throttled_without_a_hint_doubles_from_a_second():
    assert await waits(TroubleKind.THROTTLED) == [1.0, 2.0, 4.0]


async def test_timeout_is_tried_once_more_and_without_a_wait():
    assert await waits(TroubleKind.TIMEOUT) == [0.0, None, None]


async def test_timeout_is_not_tried_again_without_room_for_a_whole_attempt():
    assert await waits(TroubleKind.TIMEOUT, left_s=9.9) == [None, None, None]


async def test_what_they_say_wins_over_what_we_think():
    assert backoff().after(trouble(TroubleKind.THROTTLED, retry_after_s=7.0)) == 7.0


async def test_a_wait_that_does_not_fit_the_deadline_gives_up_now():
    assert backoff(left_s=6.9).after(trouble(TroubleKind.THROTTLED, retry_after_s=7.0)) is None


@pytest.mark.parametrize(
    ("kind", "again"),
    [
        (TroubleKind.CONNECT, True),  # nothing was sent
        (TroubleKind.THROTTLED, True),  # they refused to work on it
        (TroubleKind.RESET, False),
        (TroubleKind.TIMEOUT, False),
        (TroubleKind.SERVER_ERROR, False),
    ],
)
async def test_a_create_without_idempotency_key_is_repeated_only_if_it_was_not_acted_upon(
    kind, again
):
    assert (backoff(repeatable=False).after(trouble(kind)) is not None) is again


@given(
    st.lists(st.sampled_from(sorted(TroubleKind)), max_size=30),
    st.floats(0, 1, exclude_max=True),
)
def test_no_wait_is_negative_or_longer_than_the_cap_or_the_time_left(kinds, jitter):
    import anyio

    async def run():
        policy = backoff(left_s=30.0, jitter=jitter)
        for kind in kinds:
            wait_s = policy.after(trouble(kind))
            assert wait_s is None or 0 <= wait_s <= min(MAX_WAIT_S, 30.0)

    anyio.run(run)
