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
        ("Республика Алтай", "Майма", "al/rest"),
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


VOLGOGRAD, NIZHNY, TATARSTAN = "Волгоградская обл", "Нижегородская обл", "Татарстан"
KRASNODAR, ROSTOV = "Краснодарский край", "Ростовская область"


@pytest.mark.parametrize(
    ("region", "place", "expected"),
    [
        (TATARSTAN, "г.о. Казань", "ta/kazan"),
        (TATARSTAN, "г.о. город Казань", "ta/kazan"),
        (TATARSTAN, "Казань, ул Баумана", "ta/kazan"),
        (TATARSTAN, "Респ Татарстан, г Казань", "ta/kazan"),
        (TATARSTAN, "420111, РФ, Татарстан, г Казань, Баумана ул, д 1, кв 2", "ta/kazan"),
        (TATARSTAN, "г Казань, Вахитовский р-н, 5а", "ta/kazan"),
        (TATARSTAN, "Kaзaнь", "ta/kazan"),
        (VOLGOGRAD, "город-герой Волгоград", "vgg/volgograd"),
        (KRASNODAR, "город-курорт Сочи", "kda/armavir"),
        (NIZHNY, "Нижнии\u0306 Новгород", "niz/nizhniy-novgorod"),
        ("Мocквa", None, "mow/all"),
    ],
)
def test_a_listed_town_with_an_address_around_it_was_rated_as_a_village(region, place, expected):
    assert find_territory(region, place).id == expected


@pytest.mark.parametrize(
    ("region", "place"),
    [
        (TATARSTAN, "Казнь"),
        (TATARSTAN, "Каазнь"),
        (TATARSTAN, "г Казаньь"),
        (TATARSTAN, "Кахань"),
        (TATARSTAN, "Kazan"),
        (TATARSTAN, "Казань ул Баумана"),
        (TATARSTAN, "Казань (Дербышки)"),
        (TATARSTAN, "г Казань, п Дербышки"),
        (TATARSTAN, "пос Дербышки г Казань"),
        (TATARSTAN, "пос Дербышки Казань"),
        (TATARSTAN, "Самарская обл, Казань"),
        (TATARSTAN, "Столбище, Усады"),
        (TATARSTAN, "Столбище ул Ленина"),
        (TATARSTAN, "ул Ленина, Столбище"),
        (TATARSTAN, "Лаишевский район"),
        (TATARSTAN, "Татарстан"),
        (TATARSTAN, "Челны"),
        (TATARSTAN, "—"),
        (NIZHNY, "г Н. Новгород"),
        (NIZHNY, "Красный Бор"),
        (ROSTOV, "Ростов"),
    ],
)
def test_a_place_that_may_be_a_listed_town_or_two_places_was_guessed(region, place):
    assert find_territory(region, place) is None


@pytest.mark.parametrize(
    ("region", "place"),
    [
        (TATARSTAN, "Столбище"),
        (TATARSTAN, "с Столбище, ул Ленина, д 1"),
        (TATARSTAN, "Лаишевский р-н, с Столбище"),
        (TATARSTAN, "с Новая Казань"),
        (TATARSTAN, "пос Казнь"),
        (TATARSTAN, "р.п. Васильево"),
        (TATARSTAN, "п ж/д ст Высокая Гора"),
        (TATARSTAN, "Новая Деревня"),
        (TATARSTAN, "д 40 лет Октября"),
        (NIZHNY, "с Красный Бор"),
        (KRASNODAR, "ст-ца Каневская"),
    ],
)
def test_a_village_that_is_not_listed_is_the_rest_of_its_region(region, place):
    assert find_territory(region, place).scope == "rest"


@pytest.mark.parametrize("dress", ["{}", "г {}", "{} г.", "г.о. {}", "{}, ул Мира, д 1, кв 2"])
def test_every_listed_town_is_found_in_any_dress(dress):
    listed = [(t, place) for t in territories() for place in t.places]
    assert len(listed) > 200
    for row, place in listed:
        assert find_territory(row.region, dress.format(place)) is row


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
