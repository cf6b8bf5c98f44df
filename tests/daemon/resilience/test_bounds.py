"""The two bounds: no attempt outlives either, however it spends its time."""

import anyio
import pytest

from osago_daemon.resilience.bounds import AttemptTimeout, DeadlinePolicy
from osago_daemon.resilience.pipeline import compose
from osago_daemon.resilience.trouble import TroubleKind
from tests.support.exchange import Heard, exchange, kind_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


async def drip():
    for _ in range(1000):
        await anyio.sleep(0.1)


@pytest.mark.parametrize(("left_s", "took_s"), [(60.0, 10.0), (4.0, 4.0)])
async def test_an_attempt_ends_with_its_timeout_or_with_the_deadline(left_s, took_s):
    through = compose([DeadlinePolicy(), AttemptTimeout(10.0)])
    began = anyio.current_time()
    assert kind_of(await through(exchange(drip, left_s=left_s))) is TroubleKind.TIMEOUT
    assert anyio.current_time() - began == pytest.approx(took_s)


async def test_nothing_begins_once_the_deadline_has_passed():
    heard = Heard()
    late = exchange(left_s=0.0, observer=heard)
    assert kind_of(await compose([DeadlinePolicy()])(late)) is TroubleKind.TIMEOUT
    assert heard.attempts == 0


async def test_an_answer_in_time_is_what_comes_back():
    through = compose([DeadlinePolicy(), AttemptTimeout(10.0)])
    assert kind_of(await through(exchange())) == "answer"


async def test_cancellation_from_outside_is_no_timeout():
    through = compose([DeadlinePolicy(), AttemptTimeout(10.0)])
    with anyio.move_on_after(1.0) as scope:
        await through(exchange(anyio.sleep_forever))
    assert scope.cancelled_caught
