"""Finding a territory: exactly after normalisation, never by a guess."""

import pytest

from osago_core.tariff import find_territory, territories


@pytest.mark.parametrize(
    ("region", "place", "expected"),
    [
        ("Республика Татарстан", "Казань", "ta/kazan"),
        ("респ. татарстан", "г. казань", "ta/kazan"),
        ("Татарстан Респ", "КАЗАНЬ г", "ta/kazan"),
        ("Татарстан", "город Казань", "ta/kazan"),
        ("Московская обл.", "Химки", "mos/all"),
        ("г Москва", None, "mow/all"),
        ("Москва", "Зеленоград", "mow/all"),
        ("САНКТ-ПЕТЕРБУРГ Г", "", "spe/all"),
        ("Саха /Якутия/ Респ", "Якутск", "sa/yakutsk"),
        ("Республика Саха", "Мирный", "sa/rest"),
        ("Чувашская Республика - Чувашия", "Чебоксары", "cu/cheboksary"),
        ("Ханты-Мансийский Автономный округ - Югра АО", "г Сургут", "khm/surgut"),
        ("Еврейская Аобл", "Биробиджан", "yev/birobidzhan"),
        ("Кемеровская область — Кузбасс", "Киселёвск", "kem/anzhero-sudzhensk"),
        ("Орловская область", "Орёл", "orl/orel"),
        ("Ростовская область", "Ростов на Дону", "ros/rostov-na-donu"),
        ("Алтайский край", "Барнаул", "alt/barnaul"),
        ("Республика Алтай", "Барнаул", "al/rest"),
        ("Самарская область", "Безенчук", "sam/rest"),
    ],
)
def test_spellings_of_the_same_place(region, place, expected):
    assert find_territory(region, place).id == expected


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("Атлантида", "Казань"),
        ("Москва обл.", "Химки"),
        ("Алтайская область", "Барнаул"),
        ("Казань", "Казань"),
        ("", "Казань"),
        (None, "Казань"),
        ("Республика Татарстан", None),
        ("Республика Татарстан", " "),
    ],
)
def test_no_guess_where_region_or_place_is_not_known(region, place):
    assert find_territory(region, place) is None


@pytest.mark.parametrize("place", ["д Октябрьский", "пос. Октябрьский", "Октябрьский х"])
def test_a_village_named_like_a_listed_town_is_not_the_town(place):
    assert find_territory("Республика Башкортостан", "Октябрьский").id == "ba/blagoveshchensk"
    assert find_territory("Республика Башкортостан", place).id == "ba/rest"


def test_the_first_two_digits_of_kladr_name_the_region():
    assert find_territory(None, "Казань", kladr="1600000100000").id == "ta/kazan"
    assert find_territory("неразборчиво", "Казань", kladr="16").id == "ta/kazan"
    assert find_territory(None, None, kladr="7700000000000").id == "mow/all"
    assert find_territory(None, "Казань", kladr="00") is None


def test_contradicting_facts_are_not_resolved_by_a_guess():
    assert find_territory("Москва", None, kladr="5000000000000") is None
    kazan = territory("ta/kazan").fias[0]
    assert find_territory("Самарская область", "Самара", fias=kazan) is None


def test_fias_names_a_region_or_a_listed_place():
    kazan = territory("ta/kazan")
    assert find_territory(None, None, fias=kazan.fias[0].upper()) is kazan
    assert find_territory("Татарстан", "иначе написано", fias=kazan.fias[0]) is kazan
    assert find_territory(None, "Казань", fias=kazan.region_fias) is kazan
    house = "00000000-0000-4000-8000-000000000000"
    assert find_territory("Татарстан", "Казань", fias=house) is kazan


def test_all_266_territories_are_there():
    assert len(territories()) == 266
    assert len({t.id for t in territories()}) == 266
    assert len({t.region_code for t in territories()}) == 90


def territory(territory_id):
    return next(t for t in territories() if t.id == territory_id)
