"""A place of another region is asked about; what is surely a namesake is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.tariff import Located, TariffBook, Unsure
from osago_core.tariff.names import words_of
from tests.core.tariff.coded import TERRITORIES, coded_copy, locate

KAZAN_FIAS = "93b3df57-4c89-44df-ac42-96f05e9cd3b9"
REGIONS = {t.region_code: t for t in TERRITORIES if t.scope != "places"}
NAMES = [
    *((t, place) for t in TERRITORIES for place in t.places),
    *((t, name) for t in TERRITORIES for former in t.former for name in former),
    *((t, t.region) for t in TERRITORIES if t.id in {"mow/all", "spe/all", "x-sev/all"}),
]
KNOWN = {(t.region_code, words_of(name)) for t, name in NAMES}
STRANGERS = [
    (t, name, other)
    for t, name in NAMES
    for other in REGIONS.values()
    if (other.region_code, words_of(name)) not in KNOWN
]


@pytest.mark.parametrize(
    ("region", "place", "suggested"),
    [
        ("Московская область", "Москва", ["mow/all", "mos/all"]),
        ("Московская область", "г Москва, ул Тверская, д 1", ["mow/all", "mos/all"]),
        ("Московская область", "Москва, Зеленоград", ["mow/all", "mos/all"]),
        ("Ленинградская область", "Санкт-Петербург", ["spe/all", "len/all"]),
        ("Ленинградская область", "Ленинград", ["spe/all", "len/all"]),
        ("Ленинградская область", "Питер", ["spe/all", "len/all"]),
        ("Республика Крым", "Севастополь", ["x-sev/all", "x-cr/rest"]),
        ("Республика Алтай", "Барнаул", ["alt/barnaul", "al/rest"]),
        ("Тюменская область", "Сургут", ["khm/surgut", "tyu/rest"]),
        ("Новосибирская область", "Кемерово", ["kem/kemerovo", "nvs/rest"]),
        ("Новосибирская область", "г KEMEPOBO", ["kem/kemerovo", "nvs/rest"]),
        ("Москва", "Казань", ["ta/kazan", "mow/all"]),
        ("Калужская область", "Киров", ["kir/kirov", "klu/rest"]),
        (
            "Калужская область",
            "Благовещенск",
            ["ba/blagoveshchensk", "amu/blagoveshchensk", "klu/rest"],
        ),
    ],
)
def test_a_place_of_another_region_is_asked_about(region, place, suggested):
    answer = locate(region, place)
    assert answer.code == "place_elsewhere"
    assert [t.id for t in answer.suggestions] == suggested
    assert answer.params["region"] == answer.suggestions[-1].region
    assert answer.params["elsewhere"].split(", ")[0] == answer.suggestions[0].region


def test_the_question_names_the_listed_place_and_both_regions():
    answer = locate("Московская обл", "г. Горький, кв Тайная")
    assert answer.params == {
        "region": "Московская область",
        "region_en": "Moscow Oblast",
        "place": "Нижний Новгород",
        "elsewhere": "Нижегородская область",
        "elsewhere_en": "Nizhny Novgorod Oblast",
    }
    assert answer.text.startswith(
        "Нижний Новгород stands under Nizhny Novgorod Oblast in the tariff, not under Moscow Oblast"
    )


@pytest.mark.parametrize(
    ("region", "place", "found"),
    [
        ("Амурская область", "Благовещенск", "amu/blagoveshchensk"),
        ("Башкирия", "Благовещенск", "ba/blagoveshchensk"),
        ("Кемеровская область", "Киселёвск", "kem/anzhero-sudzhensk"),
        ("Красноярский край", "Железногорск", "kya/zheleznogorsk"),
        ("Курская область", "Железногорск", "krs/zheleznogorsk"),
        ("Мурманская область", "Кировск", "mur/rest"),
        ("Калининградская область", "Советск", "kgd/rest"),
        ("Архангельская область", "Мирный", "ark/rest"),
        ("Московская область", "пгт Октябрьский", "mos/all"),
        ("Самарская область", "с. Казань", "sam/rest"),
        ("Московская область", "Химки, ул Москва", "mos/all"),
        ("Москва", "Москва", "mow/all"),
        ("Санкт-Петербург", "Ленинград", "spe/all"),
    ],
)
def test_namesakes_that_are_listed_here_or_nowhere_or_villages_are_found(region, place, found):
    answer = locate(region, place)
    assert isinstance(answer, Located)
    assert answer.territory.id == found


@pytest.mark.parametrize("code", [{"oktmo": "29000000"}, {"kladr": "4000800100000"}])
def test_a_code_beside_the_name_of_the_region_settles_it(code):
    assert locate("Калужская область", "г Киров", **code).territory.id == "klu/rest"
    assert locate("Калужская область", "г Киров").code == "place_elsewhere"


def test_a_code_of_no_more_than_a_region_does_not_settle_it_alone():
    assert locate(None, "г Киров", kladr="40").code == "place_elsewhere"
    assert locate(None, "г Киров", kladr="4000800100000").territory.id == "klu/rest"


def test_the_code_of_a_town_alone_does_not_outweigh_the_name_of_another_regions_town():
    answer = locate(None, "Самара", fias=KAZAN_FIAS)
    assert (answer.code, dict(answer.params)) == (
        "codes_disagree",
        {"one": "fias", "other": "name"},
    )
    assert [t.id for t in answer.suggestions] == ["ta/kazan", "sam/samara"]


@given(st.sampled_from(STRANGERS))
def test_no_place_of_another_region_is_ever_priced_here_without_a_question(stranger):
    territory, name, here = stranger
    for text in (name, f"г. {name}", f"{name}, ул Мира, д 1"):
        answer = locate(here.region, text)
        assert isinstance(answer, Unsure)
        assert here in answer.suggestions
        if answer.code == "place_elsewhere":
            assert territory in answer.suggestions
        else:  # a town of this region is called nearly so
            assert answer.code == "place_unclear"


@given(st.sampled_from(STRANGERS))
def test_a_code_of_this_region_leaves_it_to_the_words(stranger):
    _, name, here = stranger
    answer = locate(here.region, name, kladr=here.region_code)
    assert answer in (Located(here, "name"), Located(here, "kladr")) or (
        answer.code == "place_unclear"
    )


@pytest.mark.parametrize(
    ("region", "place", "town"),
    [("Мордовия", "с. Саранск", "mo/saransk"), ("Татарстан", "д Казань", "ta/kazan")],
)
def test_a_village_called_like_a_town_of_its_region_may_be_the_town(region, place, town):
    answer = locate(region, place)
    assert answer.code == "place_unclear"
    assert [t.id for t in answer.suggestions] == [town, town.split("/")[0] + "/rest"]


def test_the_code_of_a_village_says_that_it_is_not_the_town():
    for code in ({"kladr": "1602400300500"}, {"oktmo": "92634101001"}):
        assert locate("Татарстан", "с. Казань", **code).territory.id == "ta/rest"
    assert locate("Татарстан", "с. Казань", kladr="16").code == "place_unclear"
    assert locate("Татарстан", "с. Казань", kladr="1600000100000").code == "codes_disagree"


@pytest.mark.parametrize(
    ("short", "best"), [("МО", "mos/all"), ("ЛО", "len/all"), ("Питер", "spe/all")]
)
def test_what_people_say_for_a_region_is_suggested_and_never_taken(short, best):
    for place in (None, "Никольское"):
        answer = locate(short, place)
        assert answer.code == "region_unknown"
        assert answer.suggestions[0].id == best


def test_a_part_of_a_city_is_known_elsewhere_where_the_data_have_it(tmp_path):
    book = coded_copy(tmp_path / "tariff")
    path = book.folder / "territories.json"
    raw = json.loads(path.read_text("utf-8"))
    moscow = next(region for region in raw["regions"] if region["code"] == "77")
    moscow["aliases"] = ["Зеленоград"]
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")
    answer = TariffBook(book.folder).gazetteer.locate("Московская область", "г. Зеленоград")
    assert answer.code == "place_elsewhere"
    assert [t.id for t in answer.suggestions] == ["mow/all", "mos/all"]
