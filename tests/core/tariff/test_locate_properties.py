"""What holds for every lookup: nothing listed is missed, nothing is guessed, nothing raises."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osago_core.tariff import Located, Unsure
from osago_core.tariff.located import MAX_SUGGESTIONS
from tests.core.tariff.coded import TERRITORIES, locate

LISTED = [
    (territory, place, dict(zip(("fias", "kladr", "oktmo"), codes, strict=True)))
    for territory in TERRITORIES
    for place, *codes in zip(
        territory.places, territory.fias, territory.kladr, territory.oktmo, strict=True
    )
]
REAL = frozenset(TERRITORIES)
LOOK_ALIKES = str.maketrans("авекмнорстухё", "abekmhopctyxe")
NAMES = st.sampled_from(
    [
        *(t.region for t in TERRITORIES),
        *(place for t in TERRITORIES for place in t.places),
        *(t.name for t in TERRITORIES),
    ]
)
LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
TEXTS = st.none() | st.text(max_size=40) | NAMES | st.builds("{} {}".format, NAMES, NAMES)
CODES = st.none() | st.text("0123456789", max_size=20) | st.text(max_size=40)
KNOWN = st.sampled_from([codes for _, _, codes in LISTED])
ASKED = st.fixed_dictionaries(
    {
        "region": TEXTS,
        "place": TEXTS,
        "kladr": CODES | KNOWN.map(lambda codes: codes["kladr"]),
        "fias": CODES | KNOWN.map(lambda codes: codes["fias"]),
        "oktmo": CODES | KNOWN.map(lambda codes: codes["oktmo"]),
    }
)


@pytest.mark.parametrize("kind", ["fias", "kladr", "oktmo"])
def test_every_listed_place_is_found_by_each_of_its_codes(kind):
    known = [(territory, codes[kind]) for territory, _, codes in LISTED if codes[kind]]
    assert len(known) > 260
    for territory, code in known:
        assert locate(None, None, **{kind: code}) == Located(territory, kind)


def test_codes_of_different_places_never_collide():
    for kind in ("fias", "kladr", "oktmo"):
        codes = [codes[kind] for _, _, codes in LISTED if codes[kind]]
        assert len(set(codes)) == len(codes)
    for territory, _, codes in LISTED:
        assert codes["kladr"].startswith(territory.region_code)


def test_all_codes_and_the_name_of_a_place_agree():
    for territory, place, codes in LISTED:
        assert locate(territory.region, f"г {place}", **codes) == Located(territory, "fias")


@given(st.sampled_from(LISTED), st.data())
def test_every_listed_place_is_found_in_any_case_and_with_look_alikes(listed, data):
    territory, place, _ = listed
    for text in (place, territory.region):
        assert dressed(text, lambda _: True) != text
    chosen = [
        dressed(text, lambda _: data.draw(st.booleans())) for text in (territory.region, place)
    ]
    assert locate(*chosen) == Located(territory, "name")


@given(st.sampled_from(LISTED))
def test_every_former_name_is_a_name(listed):
    territory, place, _ = listed
    for name in territory.former[territory.places.index(place)]:
        assert locate(territory.region, name) == Located(territory, "name")


@given(st.sampled_from(LISTED), st.data())
def test_a_slip_of_the_pen_never_finds_another_place(listed, data):
    territory, place, _ = listed
    at = data.draw(st.integers(0, len(place) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    kept = data.draw(st.booleans())
    slip = place[:at] + letter + (place[at:] if kept else place[at + 1 :])
    assume(slip != "Усть-хут")  # a farmstead called Усть
    answer = locate(territory.region, slip)
    if isinstance(answer, Unsure):
        assert answer.code == "place_unclear"
        assert territory in answer.suggestions
    else:  # no slip at all, or the name of another listed place: "Белогорск", "Белгород"
        assert answer.territory.scope == "places"


@given(st.sampled_from(LISTED), st.sampled_from(LISTED))
def test_a_code_of_another_territory_is_never_passed_over(listed, other):
    territory, place, _ = listed
    for kind, code in other[2].items():
        answer = locate(territory.region, place, **{kind: code})
        if code is None or other[0] is territory:
            assert answer.territory is territory
        else:
            assert answer.code == "codes_disagree"
            assert {territory, other[0]} <= set(answer.suggestions)


@given(ASKED)
def test_whatever_is_asked_the_answer_is_sound(asked):
    answer = locate(**asked)
    if isinstance(answer, Located):
        assert answer.territory in REAL
        return
    assert answer.text
    assert "{" not in answer.text
    assert all(isinstance(value, str) for value in answer.params.values())
    assert len(answer.suggestions) <= MAX_SUGGESTIONS
    assert len(set(answer.suggestions)) == len(answer.suggestions)
    assert set(answer.suggestions) <= REAL


@pytest.mark.parametrize(
    "text",
    ["\ud800", "\x00", "г " * 100_000, "Казань" * 100_000, "," * 100_000, "٣" * 13, "²" * 13, "ﬀ"],
)
def test_no_text_whatever_raises(text):
    for asked in (
        {"region": text, "place": text},
        {"region": "Татарстан", "place": text},
        {"region": "Татарстан", "place": text, "kladr": "1600000100000"},
        {"region": text, "place": "Казань", "kladr": text, "fias": text, "oktmo": text},
    ):
        assert isinstance(locate(**asked), Located | Unsure)


def dressed(text, chosen):
    """The text with some letters in the other case, or in Latin where they look the same."""
    return "".join(
        letter.swapcase().translate(LOOK_ALIKES) if chosen(letter) else letter for letter in text
    )
