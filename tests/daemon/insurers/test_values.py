from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.moscow import MOSCOW
from osago_daemon.insurers import values

NAMED = r"\w"  # some text says what is wrong
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(9_999_999), places=2)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (12345, "12345.00"),
        (Decimal("12345.67"), "12345.67"),
        (Decimal("12345.670000000002"), "12345.67"),
        (Decimal("0.005"), "0.01"),
        (12345.67, "12345.67"),
        (0.1 + 0.2, "0.30"),
        ("12345.67", "12345.67"),
        ("12345,67", "12345.67"),
        ("12 345,6", "12345.60"),
        ("12\u00a0345,67", "12345.67"),
        ("1\u202f012\u2009345.6700", "1012345.67"),
        (" 12345 ", "12345.00"),
        (0, "0.00"),
        ("12 345.67 руб.", "12345.67"),
        ("12345,67\u00a0₽", "12345.67"),
        ("12345 Рублей", "12345.00"),
        ("12345р", "12345.00"),
        ("12345 RUB ", "12345.00"),
    ],
)
def test_roubles_in_every_dress(given_, expected):
    assert str(values.money(given_, "roubles")) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (1234567, "12345.67"),
        ("1 234 567", "12345.67"),
        (Decimal("1234567.0"), "12345.67"),
        ("1234567 коп.", "12345.67"),
    ],
)
def test_kopecks(given_, expected):
    assert str(values.money(given_, "kopecks")) == expected


@pytest.mark.parametrize(
    "given_",
    [
        *(None, True, False, [], [1], {}, {"amount": 1}),
        *(-1, Decimal("-0.01"), 10**9, Decimal("1E+300"), "100000001", "9" * 41),
        *(float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), "NaN", "inf"),
        *("", " ", "-1", "1e5", "0x10", "1_000", "١٢٣", "12345 USD", "руб.", "12345 коп."),
        *("12,345", "12.345", "12,345.67", "12.345,67", "1 2345", "12 34"),
    ],
)
def test_what_is_no_amount_or_could_be_two(given_):
    with pytest.raises(ValueError, match=NAMED):
        values.money(given_, "roubles")


def test_a_problem_does_not_repeat_the_value():
    with pytest.raises(ValueError, match=r"^not an amount$"):
        values.money("Иванов", "roubles")


def test_a_fraction_of_a_kopeck_is_a_sign_of_roubles():
    with pytest.raises(ValueError, match="really kopecks"):
        values.money(Decimal("12345.67"), "kopecks")
    with pytest.raises(ValueError, match="not an amount"):
        values.money("12345 руб.", "kopecks")


@pytest.mark.parametrize("given_", [0, "0,00", Decimal("0.004")])
def test_nobody_insures_for_nothing(given_):
    with pytest.raises(ValueError, match="zero"):
        values.premium(given_, "roubles")


@given(AMOUNTS)
def test_every_dress_of_one_amount_reads_the_same(amount):
    spaced = f"{amount:,.2f}".replace(",", "\u00a0")
    dresses = [
        amount,
        float(amount),
        str(amount),
        str(amount).replace(".", ","),
        spaced,
        spaced.replace(".", ","),
    ]
    assert {values.money(dress, "roubles") for dress in dresses} == {amount}
    assert values.money(int(amount * 100), "kopecks") == amount


@given(st.text(max_size=12) | st.from_regex(r"[0-9 ,.]{1,12}", fullmatch=True))
def test_text_gives_its_own_digits_or_nothing(text):
    try:
        amount = values.money(text, "roubles")
    except ValueError:
        return
    digits = "".join(c for c in text if c in "0123456789")
    assert f"{amount:f}".replace(".", "").strip("0") in digits or "." in text or "," in text


def test_coefficients():
    assert values.coefficient("0,46") == Decimal("0.46")
    assert values.coefficient(0.9300000000000001) == Decimal("0.93")
    assert values.coefficient(1) == 1
    for wrong in (0, -1, "x", 10_000, None, Decimal("1E-20"), True):
        with pytest.raises(ValueError, match=NAMED):
            values.coefficient(wrong)


@pytest.mark.parametrize(
    ("given_", "expected"), [("1,170", "1.17"), ("0.001", "0.001"), ("1.000", "1"), ("2,1", "2.1")]
)
def test_three_digits_of_a_coefficient_were_taken_for_thousands(given_, expected):
    assert values.coefficient(given_) == Decimal(expected)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("20261201", datetime(2026, 12, 1, 23, 59, 59, tzinfo=MOSCOW)),
        ("2026-12-01T10:00:00Z", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01T10:00:00+03:00", datetime(2026, 12, 1, 10, tzinfo=MOSCOW)),
        ("2026-12-01 10:00:00", datetime(2026, 12, 1, 10, tzinfo=MOSCOW)),
        ("2026-12-01", datetime(2026, 12, 1, 23, 59, 59, tzinfo=MOSCOW)),
        (1796112000, datetime(2026, 12, 1, 8, tzinfo=UTC)),
        (Decimal("1796112000.0"), datetime(2026, 12, 1, 8, tzinfo=UTC)),
    ],
)
def test_moments(given_, expected):
    assert values.moment(given_) == expected
    assert values.moment(given_).tzinfo is not None


@pytest.mark.parametrize(
    "given_",
    ["", "soon", "2026-13-01", "1826-12-01", 1796112000000, 10**30, -1, True, None, [], {}],
)
def test_what_is_no_moment(given_):
    with pytest.raises(ValueError, match=NAMED):
        values.moment(given_)


@pytest.mark.parametrize(
    "url", ["https://pay.example.org/x?y=1", "http://127.0.0.1:8787/pay", "http://localhost/p"]
)
def test_payment_links(url):
    assert values.payment_url(url, local=True) == url


@pytest.mark.parametrize(
    "url",
    [
        *("http://pay.example.org/", "ftp://x/", "javascript:alert(1)", "//pay.example.org/x"),
        *("/pay", "https://", "https:///x", "https://[::1", "https://x:99999/"),
        *("https://user:pw@pay.example.org/", "https://pay.example.org\\@evil.example/"),
        *("https://pay.example.org\\evil", "https://pay.example.org/a\\b"),
        *("https://x/\n", "https://x/ y", "https://x/\ud800", "https://x/" + "y" * 2000),
        *(None, 5, ["https://x/"]),
    ],
)
def test_links_nobody_is_sent_to(url):
    with pytest.raises(ValueError, match=r"^not an? (https )?link$"):
        values.payment_url(url, local=True)


def test_words_are_one_printable_line():
    assert values.words(" Отказ:\n\tстаж\x1b[31m \u202e менее\ud800 ") == "Отказ: стаж [31m менее"
    assert values.words(["one", 2, None, "two"]) == "one; two"
    assert values.words(None) == ""
    assert len(values.words("x" * 10**6)) == 4000
    with pytest.raises(ValueError, match="expected text"):
        values.words({"a": 1})


def test_identifiers():
    assert values.identifier("АБ-1") == "АБ-1"
    assert values.identifier(17) == "17"
    for wrong in ("", "a\nb", "\ud800", "x" * 201, 1.5, True, None, []):
        with pytest.raises(ValueError, match="not an id"):
            values.identifier(wrong)


def test_shortened():
    assert values.shortened("12345", 5) == "12345"
    assert values.shortened("123456", 5) == "1234…"
