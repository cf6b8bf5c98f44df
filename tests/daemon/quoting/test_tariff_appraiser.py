"""Offers are told with where they stand under the tariff; who is silent, with what it may ask."""

from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from osago_core.application import check
from osago_core.offer import Offer
from osago_core.pricing.estimates import LearnedRates
from osago_core.pricing.facts import price
from osago_core.tariff import TariffBook
from osago_daemon.quoting.appraisal import silent
from osago_daemon.quoting.tariff_appraiser import TariffAppraiser
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.daemon.quoting.test_recovery import Keeper
from tests.support.applications import make_checked
from tests.support.desk import (
    START,
    Pretend,
    another,
    another_application,
    desk_of,
    desk_on,
    ended,
    example,
    offer,
    virtual_hub,
)

pytestmark = pytest.mark.anyio

BOOK = TariffBook()


def appraiser():
    return TariffAppraiser(BOOK, LearnedRates())


def priced(application):
    return price(application, book=BOOK, on=START.date())[1]


def at(application, base_rate):
    return Offer(premium=priced(application).premium(Decimal(base_rate)))


def of_power(power_hp):
    """Another application like the others, but for that."""
    data = another()
    data["vehicle"]["power_hp"] = power_hp
    return check(data, today=START.date()).application


CLIENTS = (45, 65, 87, 110, 130)
"""Powers of another KM each: of one segment, and no two answers count as one."""


async def teach(desk, adapter):
    """What the insurer takes as a base rate, by one answer to each of five clients."""
    for application in map(of_power, CLIENTS):
        adapter.answer = at(application, 5000)
        await found(desk, application)


async def found(desk, application, *, deadline_s=60.0, cache="use"):
    """The only insurer's outcome."""
    run = desk.start(application, insurers=["a"], deadline_s=deadline_s, cache=cache)
    *_, outcome, _done = await ended(run)
    return outcome


async def test_an_offer_is_told_with_its_base_rate_and_where_that_lies():
    application = another_application()
    async with desk_of(appraiser=appraiser(), a=Pretend(at(application, 5000))) as desk:
        event = await found(desk, application)
    corridor = priced(application).base_rate
    assert event["tariff"]["base_rate"] == pytest.approx(5000, abs=0.02)
    share = (Decimal(5000) - corridor.min) / (corridor.max - corridor.min)
    assert event["tariff"]["position"] == pytest.approx(float(share), abs=0.001)
    assert event["checks"] == []


async def test_what_was_found_is_told_with_the_kept_answer_too():
    application = another_application()
    kopecks = Offer(premium=at(application, 5000).premium * 100)
    async with desk_of(appraiser=appraiser(), a=Pretend(kopecks)) as desk:
        live, kept = await found(desk, application), await found(desk, application)
    assert [check["code"] for check in live["checks"]] == ["kopecks_suspected"]
    assert kept["source"] == "cache"
    assert (kept["checks"], kept["tariff"]) == (live["checks"], live["tariff"])


async def test_who_is_silent_is_estimated_by_what_it_asked_before():
    application = another_application()
    adapter = Pretend(at(application, 5000))
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        await teach(desk, adapter)
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        event = await found(desk, application)
    assert event["type"] == "failed"
    assert event["estimate"]["observations"] == 5
    assert event["estimate"]["premium"] == float(at(application, 5000).premium)


async def test_who_is_cut_off_by_the_deadline_is_estimated_as_well():
    application = another_application()
    adapter = Pretend(at(application, 5000))
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        await teach(desk, adapter)
        adapter.after_s = 100
        event = await found(desk, application, deadline_s=5.0)
    assert (event["kind"], event["estimate"]["observations"]) == ("timeout", 5)


async def test_asking_about_one_application_again_and_again_makes_no_estimate():
    application = another_application()
    adapter = Pretend(at(application, 5000))
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        for _ in range(5):
            await found(desk, application, cache="refresh")
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        assert "estimate" not in await found(desk, application, cache="refresh")


async def test_the_best_offer_is_told_with_its_warning_and_the_best_sound_one_beside_it():
    application = another_application()
    cheap = Offer(premium=(at(application, 1400).premium / 100).quantize(Decimal("0.01")))
    sound = at(application, 5000)
    async with desk_of(appraiser=appraiser(), a=Pretend(cheap), b=Pretend(sound)) as desk:
        run = desk.start(application, insurers=["a", "b"], deadline_s=60.0, cache="use")
        done = (await ended(run))[-1]
    assert done["best"] == {"insurer": "a", "premium": float(cheap.premium), "warned": True}
    assert done["best_sound"] == {"insurer": "b", "premium": float(sound.premium)}


async def test_nothing_is_learned_from_a_price_that_can_not_be():
    application = another_application()
    adapter = Pretend(None)
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        for client in map(of_power, CLIENTS):
            adapter.answer = Offer(premium=at(client, 5000).premium * 100)
            assert (await found(desk, client))["type"] == "offer"
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        assert "estimate" not in await found(desk, application, cache="refresh")


async def test_nothing_is_learned_of_an_insurer_from_what_another_one_offers_instead():
    application = another_application()
    adapter = Pretend(None)
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        for client in map(of_power, CLIENTS):
            adapter.answer = at(client, 5000).model_copy(update={"offered_by": "СК Другая"})
            assert (await found(desk, client))["offered_by"] == "СК Другая"
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        assert "estimate" not in await found(desk, application, cache="refresh")


async def test_an_application_that_the_tariff_can_not_price_is_asked_about_all_the_same():
    data = example()
    data["owner"]["address"] = {"region": "Атлантида"}
    application = check(data, today=START.date()).application
    async with desk_of(appraiser=appraiser(), a=Pretend(Offer(premium="10000.00"))) as desk:
        event = await found(desk, application)
    (check_,) = event["checks"]
    assert (check_["code"], check_["severity"]) == ("not_checked", "info")
    assert "owner.address" in check_["text"]
    assert "tariff" not in event


async def test_a_mistake_in_the_appraisal_costs_no_offer():
    def buggy(*_):
        class Buggy:
            def of(self, *_):
                raise KeyError

        return Buggy()

    application = another_application()
    async with desk_of(appraiser=buggy, a=Pretend(at(application, 5000))) as desk:
        assert (await found(desk, application))["type"] == "offer"


async def test_what_only_the_application_leaves_open_is_no_warning_and_teaches_nothing():
    application = make_checked("car", owner="company", today=START.date())
    rates = LearnedRates()
    _, calculation = price(application, book=BOOK, on=START.date())
    too_dear = Offer(premium=calculation.premium_max + 1000)
    appraised = TariffAppraiser(BOOK, rates)(application, START.date()).of("a", too_dear)
    assert not calculation.approximate  # as far as the tables go
    assert appraised.tariff.approximate
    assert {check_.severity for check_ in appraised.checks} == {"info"}
    inside = Offer(premium=calculation.premium_min + 1)
    TariffAppraiser(BOOK, rates)(application, START.date()).of("a", inside)
    assert rates.lessons("a") == 0


async def test_a_run_that_goes_on_after_midnight_is_appraised_by_the_day_on_which_it_began():
    days = []

    def noting(_application, day):
        days.append(day)
        return silent(_application, day)

    keeper, hub = Keeper(), virtual_hub()
    async with desk_on(
        hub, "one", keeper=keeper, appraiser=noting, a=Pretend(offer(), polls=50)
    ) as one:
        one.start(another_application(), insurers=["a"], deadline_s=60.0, cache="use")
        await anyio.sleep(1)
        kept = keeper.runs[0]
        seen = list(kept.lines)
        hub.kill("one")
        one._tasks.cancel_scope.cancel()
    kept.lines[:], kept.is_over = seen, False  # whatever it wrote when it was dead
    async with desk_on(hub, "one", keeper=keeper, appraiser=noting, a=Pretend(offer())) as two:
        two.today = lambda: START.date() + timedelta(days=1)
        two.resume(kept)
        await ended(two.get(kept.id))
    assert days == [START.date(), START.date()]
