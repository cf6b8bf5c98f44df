"""What decides where an address is, and what is said where nothing does."""

import json

import pytest

from osago_core.tariff import Located, TariffBook, Unsure, find_territory
from osago_core.tariff.validate import problems
from tests.core.tariff.coded import TERRITORIES, coded_copy, locate

TATARSTAN, SAMARA, KAZAN = "Республика Татарстан", "Самарская область", "1600000100000"
KAZAN_FIAS = "93b3df57-4c89-44df-ac42-96f05e9cd3b9"
BY_ID = {territory.id: territory for territory in TERRITORIES}


@pytest.mark.parametrize(
    ("codes", "by"),
    [
        ({"kladr": KAZAN}, "kladr"),
        ({"kladr": "16000001000018400"}, "kladr"),
        ({"kladr": "1600000100001840012"}, "kladr"),
        ({"oktmo": "92701000001"}, "oktmo"),
        ({"fias": KAZAN_FIAS}, "fias"),
        ({"fias": KAZAN_FIAS, "kladr": KAZAN, "oktmo": "92701000"}, "fias"),
        ({"kladr": KAZAN, "oktmo": "92701000001"}, "kladr"),
    ],
)
@pytest.mark.parametrize("words", [(None, None), (TATARSTAN, "г. Казань"), ("РТ", "Kazan")])
def test_codes_of_a_listed_town_find_it(codes, by, words):
    assert locate(*words, **codes) == Located(BY_ID["ta/kazan"], by)


@pytest.mark.parametrize(
    ("words", "codes", "found"),
    [
        (("Москва", None), {}, ("mow/all", "name")),
        ((None, None), {"kladr": "7700000000000"}, ("mow/all", "kladr")),
        ((None, None), {"oktmo": "45000000"}, ("mow/all", "oktmo")),
        ((None, None), {"oktmo": "11800000"}, ("nen/all", "oktmo")),
        ((None, "Сургут"), {"oktmo": "71800000"}, ("khm/surgut", "name")),
        ((None, "Казань"), {"oktmo": "92701000"}, ("ta/kazan", "name")),
        ((None, "Казань"), {"oktmo": "92700000"}, ("ta/kazan", "name")),
        ((None, "Альметьевск"), {"kladr": "1600800000000"}, ("ta/almetevsk", "name")),
        ((TATARSTAN, "Столбище"), {"kladr": "1602400300000"}, ("ta/rest", "name")),
        ((TATARSTAN, "Казань"), {"kladr": "1600000100051"}, ("ta/kazan", "name")),
        ((TATARSTAN, "Казань"), {"kladr": "нет", "oktmo": "1", "fias": "-"}, ("ta/kazan", "name")),
        ((TATARSTAN, "иначе написано"), {"fias": KAZAN_FIAS}, ("ta/kazan", "fias")),
    ],
)
def test_what_a_code_leaves_open_the_words_decide(words, codes, found):
    answer = locate(*words, **codes)
    assert (answer.territory.id, answer.by) == found


@pytest.mark.parametrize(
    ("words", "codes", "sides", "first"),
    [
        ((SAMARA, None), {"kladr": KAZAN}, {"kladr", "name"}, ["ta/kazan", "sam/samara"]),
        ((SAMARA, "Самара"), {"fias": KAZAN_FIAS}, {"fias", "name"}, ["ta/kazan", "sam/samara"]),
        (("Самарскя обл", "Казань"), {"kladr": "16"}, {"kladr", "name"}, ["ta/kazan"]),
        ((TATARSTAN, "Елабуга"), {"kladr": KAZAN}, {"kladr", "name"}, ["ta/kazan", "ta/elabuga"]),
        ((TATARSTAN, "Елабга"), {"kladr": KAZAN}, {"kladr", "name"}, ["ta/kazan", "ta/elabuga"]),
        ((TATARSTAN, "Столбище"), {"kladr": KAZAN}, {"kladr", "name"}, ["ta/kazan", "ta/rest"]),
        ((TATARSTAN, "с Столбище"), {"fias": KAZAN_FIAS}, {"fias", "name"}, ["ta/kazan"]),
        ((TATARSTAN, "Казань"), {"kladr": "1602400300000"}, {"kladr", "name"}, ["ta/kazan"]),
        ((TATARSTAN, "Казань"), {"oktmo": "92634101001"}, {"oktmo", "name"}, ["ta/kazan"]),
        ((TATARSTAN, "Казань"), {"oktmo": "92634101"}, {"oktmo", "name"}, ["ta/kazan"]),
        ((None, None), {"kladr": KAZAN, "oktmo": "36701000001"}, {"kladr", "oktmo"}, ["ta/kazan"]),
        (
            (None, None),
            {"fias": KAZAN_FIAS, "oktmo": "92730000001"},
            {"fias", "oktmo"},
            ["ta/kazan", "ta/naberezhnye-chelny"],
        ),
    ],
)
def test_a_contradiction_is_told_and_nothing_is_chosen(words, codes, sides, first):
    answer = locate(*words, **codes)
    assert answer.code == "codes_disagree"
    assert set(answer.params.values()) == sides
    assert [t.id for t in answer.suggestions][: len(first)] == first


@pytest.mark.parametrize(
    ("region", "place", "found"),
    [
        ("Мордовская АССР", "Саранск", "mo/saransk"),
        ("Мордовская Автономная Советская Социалистическая Республика", "Саранск", "mo/saransk"),
        ("Башкирская АССР", "Уфа", "ba/ufa"),
        ("Горьковская обл.", "Горький", "niz/nizhniy-novgorod"),
        ("Куйбышевская область", "Куйбышев", "sam/samara"),
        ("Новосибирская область", "Куйбышев", "nvs/kuybyshev"),
        ("Свердловская область", "г Свердловск", "sve/ekaterinburg"),
        ("Тверская область", "Калинин", "tve/tver"),
        ("РСО-Алания", "Орджоникидзе", "se/vladikavkaz"),
        ("Калининградская область", "Кёнигсберг", "kgd/kaliningrad"),
        ("Пермская область", "Пермь", "per/perm"),
        ("г. Ленинград", None, "spe/all"),
    ],
)
def test_former_names_are_names(region, place, found):
    assert locate(region, place) == Located(BY_ID[found], "name")


def test_a_village_called_like_a_town_was_called_is_no_town():
    assert locate("Тверская область", "д. Калинин").territory.id == "tve/rest"


@pytest.mark.parametrize(
    ("region", "place", "best"),
    [
        (TATARSTAN, "Kazan", "ta/kazan"),
        (TATARSTAN, "Казнь", "ta/kazan"),
        (TATARSTAN, "Naberezhnye Chelny", "ta/naberezhnye-chelny"),
        (TATARSTAN, "Челны", "ta/naberezhnye-chelny"),
        (TATARSTAN, "Казань ул Баумана", "ta/kazan"),
        (SAMARA, "Togliatti", "sam/tolyatti"),
        (SAMARA, "Ставрополь", "sam/tolyatti"),
        ("Нижегородская область", "Н. Новгород", "niz/nizhniy-novgorod"),
        ("Свердловская область", "Екатиринбурк", "sve/ekaterinburg"),
        ("Свердловская область", "Свердлоск", "sve/ekaterinburg"),
        ("Орловская область", "Oryol", "orl/orel"),
        ("Тюменская область", "Tyumen'", "tyu/tyumen"),
        ("Челябинская область", "Chelyabinsk", "che/chelyabinsk"),
    ],
)
def test_typos_and_latin_letters_give_suggestions_and_decide_nothing(region, place, best):
    answer = locate(region, place)
    assert answer.code == "place_unclear"
    assert answer.params["region"] == answer.suggestions[0].region
    assert answer.suggestions[0].id == best
    assert answer.suggestions[-1].scope == "rest"


@pytest.mark.parametrize(
    ("region", "place", "best"),
    [
        ("Татрстан", "Казань", ["ta/kazan"]),
        ("Tatarstan", "Kazan", ["ta/kazan"]),
        ("Московскя область", None, ["mos/all"]),
        ("Москва обл.", "Химки", ["mos/all", "mow/all"]),
        ("Moskva", None, ["mow/all"]),
        ("Moscow", None, ["mow/all", "mos/all"]),
        ("Sankt-Peterburg", None, ["spe/all"]),
        ("Nizhny Novgorod Oblast", "Кстово", ["niz/kstovo"]),
        (None, "Казань", ["ta/kazan"]),
        ("Казань", None, ["ta/kazan"]),
        (None, "Благовещенск", ["ba/blagoveshchensk", "amu/blagoveshchensk"]),
        (None, "Москва", ["mow/all"]),
        ("Чечено-Ингушская АССР", "Грозный", ["ce/all"]),
        (None, None, []),
        ("Атлантида", "Рльех", []),
    ],
)
def test_a_region_that_is_not_known_gives_what_it_may_be(region, place, best):
    answer = locate(region, place)
    assert (answer.code, answer.params) == ("region_unknown", {})
    assert [t.id for t in answer.suggestions][: len(best)] == best
    assert bool(answer.suggestions) == bool(best)


def test_a_region_of_several_territories_needs_a_place():
    answer = locate(TATARSTAN, None)
    assert answer.code == "place_needed"
    assert answer.text == "Tatarstan has several territories: name the place"
    found = [territory.id for territory in answer.suggestions]
    assert found[:2] == ["ta/kazan", "ta/naberezhnye-chelny"]  # towns of the region itself
    assert len(found) == len(set(found)) == 5
    assert found[-1] == "ta/rest"


def test_a_municipality_without_a_place_is_no_town_but_suggests_it():
    answer = locate(None, None, oktmo="92626101")
    assert answer.code == "place_needed"
    assert answer.suggestions[0].id == "ta/elabuga"


def test_names_for_readers_of_both_languages():
    assert BY_ID["ta/kazan"].name_ru == "Республика Татарстан: Казань"
    assert BY_ID["ta/rest"].name_ru == "Республика Татарстан: прочие города и населённые пункты"
    assert BY_ID["mow/all"].name_ru == "Москва"
    assert BY_ID["ta/kazan"].name == "Tatarstan: Казань"


def test_an_answer_repeats_nothing_that_was_asked_for():
    secret = "Республика Татарстан", "г Казань ул Тайная, д 7, у Петрова"
    for answer in (locate(*secret), locate("Тайная", secret[1]), locate(*secret, kladr="7700000")):
        assert isinstance(answer, Unsure)
        told = f"{answer.code} {dict(answer.params)} {answer.text}"
        assert not any(word in told for word in ("Тайная", "Петрова", "7700000"))


def test_a_book_of_ones_own_looks_up_in_its_own_territories(tmp_path):
    book = own_book(tmp_path, lambda raw: raw["regions"][0].update(aliases=["Гиперборея"]))
    assert book.gazetteer.locate("Гиперборея", None).territory.id == "ad/all"
    assert find_territory("Гиперборея", None) is None


def test_a_book_without_codes_and_former_names_finds_by_name(tmp_path):
    def strip(raw):
        del raw["provenance"]
        for region in raw["regions"]:
            region.pop("former", None)
            for row in region["territories"]:
                for name in ("kladr", "oktmo", "fias", "former"):
                    row.pop(name, None)

    book = own_book(tmp_path, strip)
    assert problems(book) == ()
    assert book.gazetteer.locate(TATARSTAN, "Казань", kladr=KAZAN).territory.id == "ta/kazan"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"1600000100000"', '"1600000200000"', "kladr '1600000200000' occurs twice"),
        ('"1600000100000"', '"1700000100000"', "is no KLADR code of a place in the region"),
        ('"1600000100000"', '"160000010000"', "is no KLADR code of a place in the region"),
        ('"92701000001"', '"92701000"', "is no OKTMO code of a place in the region"),
        ('["92701000001"]', "[]", "ta/kazan: not as many oktmo as places"),
        ('"oktmo": "92"', '"oktmo": "9"', "'9' is not two or three digits"),
        ('"aliases": ["Башкирия"]', '"aliases": ["Адыгея"]', "'Республика Адыгея' names region 01"),
        (
            '{"Пермь": ["Молотов"]}',
            '{"Москва": ["Молотов"]}',
            "former names of places that are not",
        ),
        ('{"Пермь": ["Молотов"]}', '{"Пермь": ["Лысьва"]}', "region 59: name 'лысьва' occurs"),
        ('"kladr": {"source": ["OKTMO"]', '"kladr": {"source": ["X"]', "kladr: sources ['X']"),
        ('"source": ["OKTMO"], "confidence": "medium"', '"source": ["OKTMO"]', "oktmo: a row"),
    ],
)
def test_what_would_make_a_lookup_wrong_is_told(tmp_path, old, new, problem):
    book = own_book(tmp_path)
    path = book.folder / "territories.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    told = problems(book)
    assert any(problem in found for found in told), told


def own_book(tmp_path, change=lambda _: None):
    book = coded_copy(tmp_path / "tariff")
    path = book.folder / "territories.json"
    raw = json.loads(path.read_text("utf-8"))
    change(raw)
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")
    return TariffBook(book.folder)
