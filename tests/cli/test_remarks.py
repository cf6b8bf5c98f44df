"""What stands beside an offer is in one order, says nothing twice and breaks no number."""

import re

import pytest

from osago_cli.output import kbm
from osago_cli.output.formats import Format
from tests.cli.test_offer_checks import (
    ELAPSED,
    FULL_YEAR,
    GOOD,
    KOPECKS,
    NAMES,
    WRONG_KBM,
    drawn,
    told,
    view_of,
    written,
)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_numbers_and_what_belongs_to_them_stay_together_in_eighty_columns(monkeypatch, lang):
    monkeypatch.setenv("OSAGO_LANG", lang)
    lines = drawn(monkeypatch, 80, GOOD, KOPECKS, WRONG_KBM, FULL_YEAR)
    for line in lines:
        broken = re.search(r"(?:!|≈|\b[ТT][БB]|\b[КK][БB]?[МM]|класс|class)\s*│?$", line)
        assert not broken, line
        assert not re.match(r"[\s│]*[%₽]", line), line


def test_a_remark_says_the_best_price_then_doubts_then_the_base_rate(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    cheapest = told(1, "b", 2000, coefficients={"kbm": "1.17"})
    [row] = [line for line in drawn(monkeypatch, 160, cheapest) if ELAPSED["ru"] in line]
    assert "лучшая цена, КБМ 1,17, а не 0,46, ТБ 2 000 (8 % коридора)" in row


def test_a_base_rate_that_a_check_says_is_not_said_twice(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    other = told(1, "b", 3042, base_rate=3346)
    assert written(Format.TABLE, capsys, other).splitlines()[0].count("3 042") == 1
    row = next(line for line in drawn(monkeypatch, 160, other) if ELAPSED["ru"] in line)
    assert "ТБ 3 346, на деле 3 042" in row
    assert "коридора" not in row


@pytest.mark.parametrize(
    ("differing", "words"), [(1, "расходится 1 из 4"), (2, "расходятся 2 из 4")]
)
def test_who_differs_is_told_in_the_right_number(monkeypatch, differing, words):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    kbms = ["1.17"] * differing + ["0.46"] * (4 - differing)
    offers = [
        told(seq, insurer, 4000, coefficients={"kbm": value})
        for seq, (insurer, value) in enumerate(zip(NAMES, kbms, strict=True), 1)
    ]
    assert kbm.note(view_of(*offers)).startswith(f"КБМ, {words}: ")
