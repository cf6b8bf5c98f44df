"""What holds for every policy, whatever the numbers."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from osago_core.money import KOPECK, to_kopecks
from osago_core.tariff import (
    Owner,
    RatedDriver,
    RatedFacts,
    VehicleClass,
    find_territory,
    tariff_on,
    territories,
)

DAYS = st.dates(date(2022, 9, 13), date(2027, 12, 31))
OWN_CLASS = {VehicleClass.CAR_INDIVIDUAL: Owner.INDIVIDUAL, VehicleClass.CAR_LEGAL: Owner.LEGAL}
POWER = st.decimals(1, 600, places=1)
KBM_CLASSES = st.sampled_from(["M", *map(str, range(14)), None])


@st.composite
def drivers(draw):
    age = draw(st.integers(16, 95))
    return RatedDriver(age, draw(st.integers(0, age - 16)), draw(KBM_CLASSES))


@st.composite
def facts(draw, **fixed):
    vehicle_class = draw(st.sampled_from(list(VehicleClass)))
    owner = OWN_CLASS.get(vehicle_class) or draw(st.sampled_from(list(Owner)))
    drawn = {
        "vehicle_class": vehicle_class,
        "owner": owner,
        "territory_id": draw(st.sampled_from(territories())).id,
        "power_hp": draw(POWER),
        "drivers": draw(st.none() | st.lists(drivers(), min_size=1, max_size=5).map(tuple)),
        "use_months": draw(st.integers(1, 12)),
    }
    return RatedFacts(**{**drawn, **fixed})


def replace(facts, **changes):
    return RatedFacts(**{name: getattr(facts, name) for name in facts.__slots__} | changes)


@given(DAYS, facts(), POWER)
def test_more_power_is_never_cheaper(day, policy, power):
    weaker, stronger = sorted([policy.power_hp, power])
    tariff = tariff_on(day)
    small = tariff.calculate(replace(policy, power_hp=weaker))
    large = tariff.calculate(replace(policy, power_hp=stronger))
    assert small.premium_max <= large.premium_max


@given(
    DAYS,
    facts(),
    st.integers(16, 95).flatmap(
        lambda age: st.tuples(st.just(age), st.integers(0, age - 16), st.integers(0, age - 16))
    ),
    KBM_CLASSES,
)
def test_more_experience_is_never_dearer_at_the_same_age(day, policy, years, kbm_class):
    age, *experience = years
    less, more = (
        tariff_on(day).calculate(replace(policy, drivers=(RatedDriver(age, e, kbm_class),)))
        for e in sorted(experience)
    )
    assert more.premium_max <= less.premium_max


@given(DAYS, facts(drivers=(RatedDriver(40, 20, "13"),)), drivers())
def test_one_more_driver_never_makes_a_list_cheaper(day, policy, driver):
    tariff = tariff_on(day)
    alone = tariff.calculate(policy)
    together = tariff.calculate(replace(policy, drivers=(*policy.drivers, driver)))
    assert alone.premium_max <= together.premium_max


@given(DAYS, facts(), st.integers(1, 12))
def test_longer_use_is_never_cheaper(day, policy, months):
    shorter, longer = sorted([policy.use_months, months])
    tariff = tariff_on(day)
    short = tariff.calculate(replace(policy, use_months=shorter))
    long = tariff.calculate(replace(policy, use_months=longer))
    assert short.premium_max <= long.premium_max


@given(DAYS, facts(), st.decimals(0, 1, places=4))
def test_any_base_rate_inside_the_corridor_gives_a_lawful_premium(day, policy, share):
    calculation = tariff_on(day).calculate(policy)
    low, high = calculation.base_rate.min, calculation.base_rate.max
    rate = low + (high - low) * share
    assert rate in calculation.base_rate
    premium = calculation.premium(rate)
    assert premium == to_kopecks(rate * calculation.product)
    assert calculation.premium_min <= premium <= calculation.premium_max
    assert calculation.allows(premium)


@given(DAYS, facts(), st.decimals(Decimal("0.01"), 999_999, places=2))
def test_the_implied_base_rate_leads_back_to_the_premium(day, policy, premium):
    calculation = tariff_on(day).calculate(policy)
    back = calculation.premium(calculation.implied_base_rate(premium))
    assert abs(back - premium) <= KOPECK


@given(DAYS, facts())
def test_a_hundredfold_premium_is_never_lawful(day, policy):
    """Kopecks read as roubles are noticed: no corridor spans a factor of a hundred."""
    calculation = tariff_on(day).calculate(policy)
    assert not calculation.allows(calculation.premium_min * 100)
    assert not calculation.allows(to_kopecks(calculation.premium_max / 100))


@given(DAYS, facts())
def test_every_line_explains_itself(day, policy):
    calculation = tariff_on(day).calculate(policy)
    assert all(line.text.startswith(line.name.upper()) for line in calculation.lines)
    assert all(doubt.text for doubt in calculation.doubts)
    assert calculation.approximate == bool(calculation.doubts)


@given(st.sampled_from(territories()))
def test_every_territory_is_found_by_its_own_name(territory):
    for place in territory.places or ("Малые Выселки",):
        assert find_territory(territory.region, place) is territory
