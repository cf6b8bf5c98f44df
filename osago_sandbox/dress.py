"""Small pieces that several insurers' answers are sewn from."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from osago_sandbox.applications import Application


def payment_url(insurer: str, application: Application) -> str:
    """Where the client would pay. The host exists nowhere (RFC 2606)."""
    return f"https://pay.{insurer}.example/osago/{application.id}"


def end_of_day(day: date) -> str:
    """The last second of a day in Moscow, ISO 8601."""
    return f"{day.isoformat()}T23:59:59+03:00"


def kopecks(roubles: Decimal) -> int:
    """An amount in whole kopecks."""
    return int(roubles * 100)


def whole_roubles(roubles: Decimal) -> int:
    """An amount rounded half up to whole roubles, as some insurers show it."""
    return int(roubles.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def with_comma(roubles: Decimal, thousands: str = "") -> str:
    """12345.67 as "12345,67", or "12 345,67" with a space for `thousands`."""
    return f"{roubles:,.2f}".replace(",", thousands).replace(".", ",")


def by_name(coefficients: Mapping[str, Decimal]) -> dict[str, str]:
    """Coefficients as strings, the way they are printed on a policy."""
    return {name: str(value) for name, value in coefficients.items()}
