"""The same seed gives the same answers to the same requests."""

from datetime import UTC, datetime
from statistics import median

import pytest

from osago_sandbox import Settings, running
from osago_sandbox.desk import Clock, Desk
from osago_sandbox.insurers import INSURERS
from osago_sandbox.profiles import PROFILES
from tests.sandbox.ask import application

pytestmark = pytest.mark.anyio

CLOCK = Clock(monotonic_s=lambda: 0.0, now=lambda: datetime(2026, 11, 22, tzinfo=UTC))


async def answers(asking, seed):
    async with (
        running(Settings(port=0, latency_scale=0, seed=seed)) as sandbox,
        asking(sandbox) as ask,
    ):
        outcomes = [await ask(insurer) for insurer in ask.insurers]
        outcomes += [
            await ask(insurer, application(vehicle__year=2010)) for insurer in ask.insurers
        ]
        return outcomes, [exchange.body for exchange in ask.wire.exchanges]


async def test_the_same_seed_gives_the_same_answers_to_the_byte(asking):
    assert await answers(asking, seed=7) == await answers(asking, seed=7)


async def test_another_seed_gives_other_prices(asking):
    seven, _ = await answers(asking, seed=7)
    eight, _ = await answers(asking, seed=8)
    assert seven != eight


async def test_an_application_costs_the_same_whatever_was_asked_before(asking):
    async with (
        running(Settings(port=0, latency_scale=0)) as sandbox,
        asking(sandbox) as ask,
    ):
        first = await ask("kedr")
        await ask("kedr", application(vehicle__year=2015))
        again = await ask("kedr", application(period__start_date="2026-12-05"))
    assert first.premium == again.premium


async def test_ids_depended_on_the_order_of_the_requests(asking):
    applications = [application(vehicle__year=year) for year in (2015, 2016, 2016, 2017)]
    told = []
    for order in (applications, applications[::-1]):
        async with (
            running(Settings(port=0, latency_scale=0)) as sandbox,
            asking(sandbox) as ask,
        ):
            told.append(
                [
                    (await ask(insurer, what)).insurer_quote_id
                    for insurer in ("sever", "kedr", "lukomor")
                    for what in order
                ]
            )
    assert sorted(told[0]) == sorted(told[1])
    assert len(set(told[0])) == len(told[0])


def latencies(insurer, seed, scale=1.0):
    desk = Desk(insurer, seed, scale, CLOCK)
    return [desk._latency_s(b"%d" % (number // 2), number % 2) for number in range(400)]


@pytest.mark.parametrize("insurer", INSURERS, ids=lambda insurer: insurer.id)
def test_latencies_come_from_the_seed_and_differ_from_request_to_request(insurer):
    drawn = latencies(insurer, seed=1)
    assert drawn == latencies(insurer, seed=1)
    assert drawn != latencies(insurer, seed=2)
    assert len(set(drawn)) > 200
    assert latencies(insurer, seed=1, scale=0.0) == [0.0] * 400
    assert latencies(insurer, seed=1, scale=2.0) == [2 * drawn_s for drawn_s in drawn]


def test_insurers_are_as_slow_as_their_reputation():
    drawn = {insurer.id: latencies(insurer, seed=1) for insurer in INSURERS}
    assert min(drawn["kedr"]) >= 0.3
    assert max(drawn["kedr"]) <= 0.9
    assert 2 < median(drawn["sever"]) < 4
    assert 15 <= min(drawn["omut"]) <= max(drawn["omut"]) <= 25
    late = sum(seconds > 60 for seconds in drawn["trakt"]) / len(drawn["trakt"])
    assert 0.4 < late < 0.8


def faults(profile, seed, insurer="omut", requests=500):
    weather = PROFILES[profile].weather(seed, latency_scale=1.0)
    return [fault and fault.fault for fault in map(weather.next_for, [insurer] * requests)]


def test_faults_of_a_profile_come_from_the_seed():
    assert faults("storm", seed=1) == faults("storm", seed=1)
    assert faults("storm", seed=1) != faults("storm", seed=2)


def test_profiles_grow_worse():
    calm, rough, storm = (
        sum(fault is not None for fault in faults(profile, seed=1))
        for profile in ("calm", "rough", "storm")
    )
    assert calm == 0 < rough < storm


def test_a_storm_leaves_three_healthy_and_one_dead():
    for healthy in ("sever", "kedr", "lukomor"):
        assert set(faults("storm", 1, healthy)) == {None}
    assert set(faults("storm", 1, "barsuk")) == {"http_500"}


def test_slowness_of_a_profile_is_scaled():
    weather = PROFILES["rough"].weather(1, latency_scale=0.5)
    drawn = filter(None, (weather.next_for("omut") for _ in range(500)))
    assert {fault.params["latency_s"] for fault in drawn if fault.fault == "latency"} == {2.0}


async def test_in_a_storm_the_dead_are_dead_and_the_healthy_answer(asking):
    settings = Settings(port=0, latency_scale=0, profile="storm")
    async with running(settings) as sandbox, asking(sandbox) as ask:
        assert (await ask("kedr")).premium
        with pytest.raises(Exception, match="Внутренняя ошибка"):
            await ask("barsuk")
