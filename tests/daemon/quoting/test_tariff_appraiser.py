"""Offers are told with where they stand under the tariff; who is silent, with what it may ask."""

from decimal import Decimal

import pytest

from osago_core.application import check
from osago_core.offer import Offer
from osago_core.pricing.estimates import LearnedRates
from osago_core.pricing.facts import price
from osago_core.tariff import TariffBook
from osago_daemon.quoting.tariff_appraiser import TariffAppraiser
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.desk import (
    START,
    Pretend,
    another_application,
    desk_of,
    ended,
    example,
)

pytestmark = pytest.mark.anyio

BOOK = TariffBook()


def appraiser():
    return TariffAppraiser(BOOK, LearnedRates())


def priced(application):
    return price(application, book=BOOK, on=START.date())[1]


def at(application, base_rate):
    return Offer(premium=priced(application).premium(Decimal(base_rate)))


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
        for _ in range(5):
            await found(desk, application, cache="refresh")
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        event = await found(desk, application, cache="refresh")
    assert event["type"] == "failed"
    assert event["estimate"]["observations"] == 5
    assert event["estimate"]["premium"] == float(at(application, 5000).premium)


async def test_who_is_cut_off_by_the_deadline_is_estimated_as_well():
    application = another_application()
    adapter = Pretend(at(application, 5000))
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        for _ in range(5):
            await found(desk, application, cache="refresh")
        adapter.after_s = 100
        event = await found(desk, application, cache="refresh", deadline_s=5.0)
    assert (event["kind"], event["estimate"]["observations"]) == ("timeout", 5)


async def test_nothing_is_learned_from_a_price_that_can_not_be():
    application = another_application()
    adapter = Pretend(Offer(premium=at(application, 5000).premium * 100))
    async with desk_of(appraiser=appraiser(), a=adapter) as desk:
        for _ in range(5):
            await found(desk, application, cache="refresh")
        adapter.answer = Trouble(TroubleKind.REJECTED, "no")
        assert "estimate" not in await found(desk, application, cache="refresh")


async def test_an_application_that_the_tariff_can_not_price_is_asked_about_all_the_same():
    data = example()
    data["owner"]["address"] = {"region": "Атлантида"}
    application = check(data, today=START.date()).application
    async with desk_of(appraiser=appraiser(), a=Pretend(Offer(premium="10000.00"))) as desk:
        event = await found(desk, application)
    assert (event["premium"], event["checks"]) == (10000, [])
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
