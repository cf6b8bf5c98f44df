"""A number and what belongs to it stay on one line in what rich draws."""

import io

import pytest
from rich.console import Console, Group

from osago_cli.output.unbroken import Unbroken

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    "together",
    [
        f"1{SPACE}833",
        "ТБ 1",
        "КБМ 0,46",
        "класс 13",
        "class M",
        "74 %",
        "! 3",
        "5 ₽",
        "ТБ ≈ 9",
        f"ТБ{SPACE}1{SPACE}833",
    ],
)
def test_a_line_ends_before_it_or_after_it(together):
    for width in range(len(together), len(together) + 12):
        screen = io.StringIO()
        Console(file=screen, width=width).print(Group(Unbroken(f"слово {together} ещё слово")))
        lines = screen.getvalue().replace(SPACE, " ").splitlines()
        assert any(together.replace(SPACE, " ") in line for line in lines), (width, lines)


def test_elsewhere_it_breaks_and_nothing_is_lost():
    screen = io.StringIO()
    Console(file=screen, width=12).print(Group(Unbroken("одно слово и другое")))
    assert screen.getvalue().split() == ["одно", "слово", "и", "другое"]
    assert len(screen.getvalue().splitlines()) == 2
