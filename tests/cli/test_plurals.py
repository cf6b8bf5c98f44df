"""Which form of a word a number takes in each language."""

import pytest

from osago_cli import plurals


@pytest.mark.parametrize(
    ("form", "counts"),
    [("one", (1, 21, 101)), ("few", (2, 4, 22, 103)), ("many", (0, 5, 11, 12, 14, 111, 112, 20))],
)
def test_russian_has_three(monkeypatch, form, counts):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    assert {plurals.form(count) for count in counts} == {form}


def test_english_has_two(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    assert [plurals.form(count) for count in (0, 1, 2, 21)] == ["many", "one", "many", "many"]
