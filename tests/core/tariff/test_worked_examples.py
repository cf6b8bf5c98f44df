"""Every worked example of the domain's collection, to the kopeck; ids name the source."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from osago_core.money import to_kopecks
from osago_core.tariff import (
    NoTariff,
    Owner,
    RatedDriver,
    RatedFacts,
    VehicleClass,
    find_territory,
    tariff_on,
)

EXAMPLES = json.loads((Path(__file__).parent / "worked_examples.json").read_text("utf-8"))
PLACES = {
    "Москва": ("Москва", None),
    "Санкт-Петербург": ("Санкт-Петербург", None),
    "Казань": ("Республика Татарстан", "Казань"),
    "Новосибирск": ("Новосибирская область", "Новосибирск"),
    "Самарская область, прочие": ("Самарская область", "Безенчук"),
    "Уфа": ("Республика Башкортостан", "Уфа"),
}
KT_NOT_COLLECTED = {"2015-04-12"}
"""The edition of 2015 has no table KT in our data: its examples bring their KT along."""


def examples(kind):
    return [
        pytest.param(example, id=f"{example['id']} {example['source'][:60]}")
        for example in EXAMPLES["examples"]
        if example.get("kind", "premium") == kind
    ]


def tariff_of(example):
    return tariff_on(date.fromisoformat(example["tariff_version"]))


def drivers_of(inputs):
    if inputs.get("drivers_mode") == "unlimited":
        return None
    if "age" in inputs:
        listed = [{"age": inputs["age"], "experience": inputs["experience"]}]
    else:
        listed = inputs["drivers"]
    classes = inputs.get("kbm_class")
    if not isinstance(classes, list):
        classes = [classes] * len(listed)
    return tuple(
        RatedDriver(driver["age"], driver["experience"], kbm_class)
        for driver, kbm_class in zip(listed, classes, strict=True)
    )


def facts_of(example, *, kt=None):
    inputs = example["inputs"]
    territory = find_territory(*PLACES[inputs["region"]])
    return RatedFacts(
        vehicle_class=VehicleClass(inputs["class"]),
        owner=Owner(inputs.get("owner", "individual")),
        territory_id=territory.id,
        power_hp=Decimal(inputs["hp"]) if "hp" in inputs else None,
        drivers=drivers_of(inputs),
        use_months=inputs["months"],
        kbm=Decimal(inputs["kbm"]) if "kbm" in inputs else None,
        kt=kt,
    )


@pytest.mark.parametrize("example", examples("premium"))
def test_a_published_premium_comes_out_to_the_kopeck(example):
    expected = {name: Decimal(value) for name, value in example["coefficients"].items()}
    kt = expected["kt"] if example["tariff_version"] in KT_NOT_COLLECTED else None
    calculation = tariff_of(example).calculate(facts_of(example, kt=kt))

    coefficients = {n: v for n, v in calculation.coefficients.items() if n in expected or v != 1}
    assert coefficients == expected
    assert calculation.product == Decimal(example["product"])
    if isinstance(example["tb_rub"], list):
        corridor = (calculation.base_rate.min, calculation.base_rate.max)
        assert corridor == tuple(map(Decimal, example["tb_rub"]))
        assert calculation.premium_min == Decimal(example["expect"]["premium_min"])
        assert calculation.premium_max == Decimal(example["expect"]["premium_max"])
    else:
        premium = calculation.premium(Decimal(example["tb_rub"]))
        assert premium == Decimal(example["expect"]["premium"])


@pytest.mark.parametrize("version", sorted(KT_NOT_COLLECTED))
def test_without_a_kt_of_its_own_an_example_of_2015_names_the_missing_table(version):
    (example,) = (e for e in EXAMPLES["examples"] if e["id"] == "W08")
    assert example["tariff_version"] == version
    with pytest.raises(NoTariff, match="no table KT of the edition of 2015-04-12") as caught:
        tariff_of(example).calculate(facts_of(example))
    assert (caught.value.table, caught.value.version) == ("KT", version)


def test_r01_the_worst_driver_of_a_list_counts():
    (example,) = (e for e in EXAMPLES["examples"] if e["id"] == "R01")
    inputs, expect = example["inputs"], example["expect"]
    tariff = tariff_of(example)
    classes = [tariff.next_kbm_class(d["previous_class"], d["claims"]) for d in inputs["drivers"]]
    assert classes == expect["new_classes"]
    assert [tariff.kbm(c) for c in classes] == [Decimal(v) for v in expect["kbm_per_driver"]]

    drivers = [
        RatedDriver(driver["age"], driver["experience"], kbm_class)
        for driver, kbm_class in zip(inputs["drivers"], classes, strict=True)
    ]

    def calculate(*drivers):
        facts = RatedFacts(
            vehicle_class=VehicleClass(inputs["class"]),
            owner=Owner.INDIVIDUAL,
            territory_id=None,
            power_hp=Decimal(inputs["hp"]),
            drivers=drivers,
            kt=Decimal(1),
        )
        return tariff.calculate(facts).coefficients

    alone = [calculate(driver)["kvs"] for driver in drivers]
    assert alone == [Decimal(value) for value in expect["kvs_per_driver"]]
    together = calculate(*drivers)
    for name in ("kbm", "kvs", "km", "ko"):
        assert together[name] == Decimal(expect[name]), name


def test_r02_the_cap_of_2015():
    (example,) = (e for e in EXAMPLES["examples"] if e["id"] == "R02")
    inputs, expect = example["inputs"], example["expect"]
    rate = Decimal(inputs["tb"])

    def calculate(*, gross_violations):
        facts = RatedFacts(
            vehicle_class=VehicleClass.CAR_INDIVIDUAL,
            owner=Owner.INDIVIDUAL,
            territory_id=None,
            power_hp=Decimal(200),
            drivers=(RatedDriver(age=18, experience=0, kbm_class="M"),),
            kt=Decimal(inputs["kt"]),
            gross_violations=gross_violations,
        )
        return tariff_of(example).calculate(facts)

    usual, violations = calculate(gross_violations=False), calculate(gross_violations=True)
    for name in ("kbm", "kvs", "km", "ko", "ks"):
        assert usual.coefficients[name] == Decimal(inputs[name]), name
    assert to_kopecks(rate * usual.product) == Decimal(expect["uncapped"])
    assert usual.premium(rate) == Decimal(expect["capped_3x"])
    assert violations.product == usual.product * Decimal("1.5")
    assert violations.premium(rate) == Decimal(expect["capped_5x_with_kn_1_5"])


@pytest.mark.parametrize("example", examples("kbm_transition"))
@pytest.mark.parametrize("day", [date(2016, 1, 1), date(2026, 3, 1)])
def test_kbm_transitions(example, day):
    inputs = example["inputs"]
    after = tariff_on(day).next_kbm_class(inputs["class"], inputs["claims"])
    assert after == example["expect"]["class"]


@pytest.mark.parametrize("example", examples("km_boundary"))
def test_power_bands_are_half_open(example):
    facts = RatedFacts(
        vehicle_class=VehicleClass.CAR_INDIVIDUAL,
        owner=Owner.INDIVIDUAL,
        territory_id="mow/all",
        power_hp=Decimal(example["inputs"]["hp"]),
        drivers=None,
    )
    calculation = tariff_on(date(2026, 3, 1)).calculate(facts)
    assert calculation.coefficients["km"] == Decimal(example["expect"]["km"])


def test_no_example_is_left_out():
    kinds = {example.get("kind", "premium") for example in EXAMPLES["examples"]}
    assert kinds == {"premium", "rule", "kbm_transition", "km_boundary"}
    assert {e["id"] for e in EXAMPLES["examples"] if e.get("kind") == "rule"} == {"R01", "R02"}
