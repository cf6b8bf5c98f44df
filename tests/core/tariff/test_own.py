"""A folder of one's own: where clients find it, and that nothing in it makes the checks raise."""

import json
import shutil
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osago_core.paths import shipped
from osago_core.tariff import (
    BadFacts,
    NoTariff,
    Owner,
    RatedDriver,
    RatedFacts,
    Registration,
    TariffBook,
    VehicleClass,
)
from osago_core.tariff.book import SHIPPED
from osago_core.tariff.own import own_directory
from osago_core.tariff.validate import problems

DAYS = [date(2018, 1, 1), date(2022, 5, 1), date(2026, 7, 1)]
CLASSES = ("moto", "car_legal", "car_individual", "tractor")
FILES = sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.json"))
DELETED = object()
INSTEAD = [
    *(DELETED, None, 0, -1, 7, True, "", "x", "0", "-1.5", "NaN", "1e99", "0.12345678"),
    *([], {}, ["x"], {"x": "y"}, [[]]),
]
BODIES = [b"", b"\xff\xfe", b"null", b"[]", b"{}", b"[" * 100_000]


@pytest.fixture
def file(tmp_path):
    """Writes an insurers.toml beside a copied tariff."""
    (tmp_path / "ours").symlink_to(SHIPPED)

    def write(text):
        path = tmp_path / "insurers.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_shipped_file_names_no_folder():
    assert own_directory(shipped("insurers.toml")) is None


@pytest.mark.parametrize(
    "text",
    [
        '[tariff]\ndirectory = "ours"\n',
        '# mine\ntariff = { directory = "ours" }',
        'tariff.directory = "ours"',
        '[insurers.a]\nname = "A"\n  [ "tariff" ]\r\ndirectory = "./ours/"\r\n',
        '["\\u0074ariff"]\ndirectory = "ours"',
        b'\xef\xbb\xbf[tariff]\ndirectory = "ours"\n',
    ],
)
def test_a_folder_is_relative_to_the_file(file, tmp_path, text):
    assert own_directory(file(text)) == tmp_path / "ours"


def test_a_folder_may_be_anywhere(file, tmp_path_factory):
    elsewhere = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("tariff") / "data")
    assert own_directory(file(f"tariff.directory = '{elsewhere}'")) == elsewhere


@pytest.mark.parametrize(
    "text", ["", "[insurers.tariff]\ndirectory = 3", "tariffs = 3", "x = '''\ntariff = 3\n'''"]
)
def test_what_only_looks_like_the_table_names_no_folder(file, text):
    assert own_directory(file(text)) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tariff = 3", "insurers.toml: tariff.directory is not the path of a folder, in quotes"),
        ("[tariff]", "tariff.directory is not the path"),
        ("[[tariff]]", "tariff.directory is not the path"),
        ("tariff.directory = ['ours']", "tariff.directory is not the path"),
        ("tariff.directory = ''", "tariff.directory is not the path"),
        ("tariff.directory = 'nowhere'", "nowhere holds no readable editions/"),
        ("tariff.directory = 'insurers.toml'", "holds no readable editions/"),
        ('tariff.directory = "a\\u0000"', "holds no readable editions/"),
        ("tariff.directory = ", "insurers.toml is not TOML: Invalid value"),
        ("[tariff]\nx = " + "[" * 5000, "is nested too deeply"),
        (b"tariff = '\xff'", "is not UTF-8 text"),
    ],
)
def test_what_keeps_a_client_from_the_folder_is_one_sentence(file, text, sentence):
    with pytest.raises(ValueError, match=r"insurers\.toml") as caught:
        own_directory(file(text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["/nowhere/insurers.toml", "/"])
def test_a_file_that_cannot_be_read_is_one_sentence(path):
    with pytest.raises(ValueError, match=f"^{path} cannot be read: "):
        own_directory(Path(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copied folder that every example breaks and mends."""
    return shutil.copytree(SHIPPED, tmp_path_factory.mktemp("tariff") / "data")


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_changed_the_checks_give_sentences_and_what_they_pass_computes(folder, data):
    name = data.draw(st.sampled_from(FILES))
    content = json.loads((SHIPPED / name).read_text("utf-8"))
    place = data.draw(place_in(content))
    changed = put(content, place, data.draw(st.sampled_from(INSTEAD)))
    with broken(folder, name, json.dumps(changed).encode()):
        found = problems(TariffBook(folder))
        assert all(isinstance(sentence, str) and "\n" not in sentence for sentence in found)
        if not found:
            compute(TariffBook(folder))


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:4]))
def test_whatever_bytes_a_file_holds_the_checks_give_sentences(folder, body):
    for name in ("territories.json", "editions/2022-01-09.json"):
        with broken(folder, name, body):
            found = problems(TariffBook(folder))
        where = name.removesuffix(".json")
        assert any(sentence.startswith(where) for sentence in found)


def test_a_file_under_a_wrong_name_and_a_folder_in_its_place(folder):
    cases = {
        "editions/draft.json": "editions/draft: the name of the file is no day",
        "editions/20270201.json": "editions/20270201: the name of the file is no day",
        "kt/2027-02-01.json": "kt/2027-02-01: cannot be read: Is a directory",
    }
    for name, sentence in cases.items():
        path = folder / name
        if name.startswith("kt"):
            path.mkdir()
        else:
            shutil.copy(folder / "editions/2025-12-09.json", path)
        assert any(p.startswith(sentence) for p in problems(TariffBook(folder))), name
        path.rmdir() if path.is_dir() else path.unlink()
    assert problems(TariffBook(folder)) == ()


@pytest.mark.parametrize(
    ("file_name", "old", "new", "sentence"),
    [
        (
            "editions/2015-04-12.json",
            '"value": "0.50"',
            '"value": "-0.50"',
            "KS: -0.50 is not more",
        ),
        (
            "editions/2015-04-12.json",
            '"over": "0"',
            '"over": true',
            "True is no number as a tariff",
        ),
        ("editions/2022-04-01.json", '"0.46"', '"0"', "KBM: 0 is not more than 0"),
        ("editions/2022-01-09.json", '"60+"', '"60"', "KVS: ages do not run from 16 on"),
        ("editions/2025-12-09.json", '"car_taxi"', '"tram"', "TB: cannot be read: two rows of TB"),
        (
            "editions/2025-12-09.json",
            '"limited"',
            '"some"',
            "KO: cannot be read: 'some' is no list",
        ),
        ("editions/2025-12-09.json", '"rows_from"', '"row_from"', "kt: 'row_from' is none of"),
        ("kt/2026-06-22.json", '"multiplier": "1.50"', '"multiplier": "0"', "no product of two"),
        ("territories.json", '"code": "04"', '"code": "01"', "'01' is no code of its own"),
        ("sources.json", '"what":', '"whatever":', "sources: 'what' is missing"),
    ],
)
def test_what_used_to_pass_and_broke_a_calculation_later_is_told(
    folder, file_name, old, new, sentence
):
    text = (SHIPPED / file_name).read_text("utf-8")
    assert old in text
    with broken(folder, file_name, text.replace(old, new, 1).encode()):
        found = problems(TariffBook(folder))
    assert any(sentence in problem for problem in found), found


class broken:  # noqa: N801  # reads like one
    """A file of the folder holds something else inside of the block."""

    def __init__(self, folder, name, body):
        self._path, self._body, self._sound = folder / name, body, (SHIPPED / name).read_bytes()

    def __enter__(self):
        self._path.write_bytes(self._body)

    def __exit__(self, *_):
        self._path.write_bytes(self._sound)


@st.composite
def place_in(draw, content):
    """A way down into a document, not all the way to the leaves each time."""
    place = []
    while isinstance(content, dict | list) and content and (not place or draw(st.integers(0, 6))):
        keys = list(content) if isinstance(content, dict) else range(len(content))
        place.append(draw(st.sampled_from(keys)))
        content = content[place[-1]]
    return place


def put(content, place, value):
    *parents, last = place
    node = content
    for key in parents:
        node = node[key]
    if value is DELETED:
        del node[last]
    else:
        node[last] = value
    return content


def compute(book):
    """Calculate all sorts of policies; a missing table is an answer, anything else a bug."""
    drivers = (
        None,
        (RatedDriver(age=16, experience=0, kbm_class="M"), RatedDriver(age=70, experience=50)),
    )
    cases = product(DAYS, CLASSES, Owner, Registration, drivers)
    for day, vehicle_class, owner, registration, listed in cases:
        try:
            tariff = book.on(day)
            calculation = tariff.calculate(
                RatedFacts(
                    vehicle_class=VehicleClass(vehicle_class),
                    owner=owner,
                    territory_id="nvs/novosibirsk",
                    power_hp=Decimal(151),
                    drivers=listed,
                    use_months=5,
                    term_months=4,
                    term_days=10,
                    registration=registration,
                    trailer=True,
                    gross_violations=True,
                )
            )
            tariff.next_kbm_class("3", 9)
        except (NoTariff, BadFacts):
            continue
        assert calculation.premium_min <= calculation.premium_max
        assert calculation.implied_base_rate(calculation.premium_max) > 0
        assert all(line.text for line in calculation.lines)
        assert all(doubt.text for doubt in calculation.doubts)
