from decimal import Decimal

import pytest

from osago_core.money import to_kopecks


@pytest.mark.parametrize(
    ("amount", "printed"),
    [
        (Decimal(4118) * Decimal("1.66") * Decimal("1.60") * Decimal("2.0"), "21874.82"),
        (7535 * Decimal("1.8") * Decimal("1.17") * Decimal("0.97") * Decimal("1.4"), "21549.71"),
        (Decimal("0.005"), "0.01"),
        (Decimal("0.004999"), "0.00"),
    ],
)
def test_premiums_are_rounded_once_half_up_to_kopecks(amount, printed):
    """The long ones are published (source key RND): only rounding at the end gives them."""
    assert str(to_kopecks(amount)) == printed
