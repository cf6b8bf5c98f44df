"""`[dictionaries.NAME]` of insurers.toml, and secrets that a program gives."""

import pytest

MAKES = '[dictionaries.makes]\nfile = "makes.csv"\n'
LOOK_UP = "body = { vin = \"look_up('makes', vehicle.brand)\" }"
VIN = "insurers.sever.create.body.vin"
SAME = " (case, ё, spaces and punctuation do not matter)"
NO_PROGRAM = "there is no such program, or it is not executable"


@pytest.fixture
def text(good, tmp_path):
    (tmp_path / "makes.csv").write_text("key,value\nLADA,1\n")
    return MAKES + good.replace('body = { vin = "vehicle.vin" }', LOOK_UP)


def test_expressions_find_the_dictionaries_of_their_file(load_text, text):
    (insurer,) = load_text(text).insurers
    body = insurer.spec.create.body
    assert body.render({"vehicle": {"brand": "Lada"}}) == {"vin": "1"}


def test_another_dictionary_is_another_version_of_who_uses_it(load_text, text, good, tmp_path):
    before = load_text(text).insurers[0].version
    unused = load_text(MAKES + good).insurers[0].version
    (tmp_path / "makes.csv").write_text("key,value\nLADA,2\n")
    assert load_text(text).insurers[0].version != before
    assert load_text(MAKES + good).insurers[0].version == unused
    assert load_text(good).insurers[0].version == unused


def test_all_mistakes_at_once_with_their_lines(problems, text, tmp_path):
    (tmp_path / "makes.csv").write_text("key,value\nLADA\n")
    wrong = text.replace("look_up('makes'", "look_up('mak'")
    assert problems(wrong + "[dictionaries.more.entries]\nKia = 1\nKIA = 2\n") == [
        "2: dictionaries.makes.file: makes.csv:2: 1 cells where the first line has 2",
        f"11: {VIN}: there is no dictionary `mak`; did you mean `makes`?",
        f'23: dictionaries.more.entries.KIA: "KIA" is the same as a name of "Kia"{SAME}',
    ]
    assert problems("dictionaries = 1\n" + text.removeprefix(MAKES)) == [
        "1: dictionaries: expected tables [dictionaries.NAME], got a number",
        f"10: {VIN}: there is no dictionary `makes`: add [dictionaries.NAME]",
    ]
    assert problems("[dictionary.x]\n" + good_of(text)) == [
        "1: dictionary: unknown key; did you mean `dictionaries`?"
    ]


def good_of(text):
    return text.removeprefix(MAKES).replace(LOOK_UP, 'body = { vin = "vehicle.vin" }')


def test_loading_runs_no_program_that_gives_a_secret(load_text, good, tmp_path):
    give = tmp_path / "give"
    give.write_text("#!/bin/sh\necho ran >>runs\necho s3cret\n")
    give.chmod(0o700)
    text = good.replace("plain:sandbox-sever", "command:./give")
    (insurer,) = load_text(text, PATH="/usr/bin:/bin").insurers
    assert not (tmp_path / "runs").exists()
    insurer.adapter(None)
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_a_program_that_is_not_there_is_a_mistake_of_the_file(problems, good):
    assert problems(good.replace("plain:sandbox-sever", "command:./give s3cret")) == [
        f"4: insurers.sever.auth.token: command:./give …: {NO_PROGRAM}"
    ]
