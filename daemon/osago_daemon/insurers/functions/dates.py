"""Dates between insurers' dresses and ours, `YYYY-MM-DD`; moments as Unix time."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from osago_core.moscow import MOSCOW
from osago_daemon.insurers.functions.declaring import (
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Declared,
    FunctionError,
    checked,
    whole,
)

DATES = Declared()

_TOKEN = re.compile(r"YYYY|YY|MM|DD")
_READ = {"YYYY": "(?P<year>[0-9]{4})", "MM": "(?P<month>[0-9]{2})", "DD": "(?P<day>[0-9]{2})"}
_MOST_DAYS = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _written(pattern: str) -> None:
    if not _TOKEN.search(pattern):
        raise FunctionError("format_date() expects a pattern with DD, MM, YYYY or YY")


@DATES.function("format_date", TEXT_OR_NULL, checked(TEXT, _written))
def format_date(value: str | None, pattern: str) -> str | None:
    """`2026-12-01` in another dress: DD, MM, YYYY and YY are replaced, the rest stays."""
    if value is None:
        return None
    found = day("format_date", value)
    tokens = {
        "YYYY": f"{found.year:04}",
        "YY": f"{found.year % 100:02}",
        "MM": f"{found.month:02}",
        "DD": f"{found.day:02}",
    }
    return _TOKEN.sub(lambda token: tokens[token[0]], pattern)


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    """What reads dates of a pattern; of a century nothing is guessed."""
    if sorted(_TOKEN.findall(pattern)) != ["DD", "MM", "YYYY"]:
        raise FunctionError("parse_date() expects a pattern with DD, MM and YYYY, each once")
    parts = re.split(f"({_TOKEN.pattern})", pattern)
    return re.compile("".join(_READ.get(each) or re.escape(each) for each in parts) + "(?![0-9])")


@DATES.function("parse_date", TEXT_OR_NULL, checked(TEXT, _reader))
def parse_date(value: str | None, pattern: str) -> str | None:
    """A date in their dress as YYYY-MM-DD; what follows it, such as a time, is left out."""
    reader = _reader(pattern)
    if value is None:
        return None
    match = reader.match(value)
    try:
        if match is not None:
            return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
    except ValueError:
        pass  # no such day
    raise FunctionError("parse_date() expects a date of the pattern")


@DATES.function("unix_s", TEXT_OR_NULL)
def unix_s(value: str | None) -> int | None:
    """Seconds since 1970, of a date its beginning in Moscow."""
    return None if value is None else _since_epoch("unix_s", value) // timedelta(seconds=1)


@DATES.function("unix_ms", TEXT_OR_NULL)
def unix_ms(value: str | None) -> int | None:
    """Milliseconds since 1970, of a date its beginning in Moscow."""
    return None if value is None else _since_epoch("unix_ms", value) // timedelta(milliseconds=1)


@DATES.function("from_unix_s", NUMBER_OR_NULL)
def from_unix_s(value: float | Decimal | None) -> str | None:
    """The day in Moscow of a moment in seconds since 1970."""
    return None if value is None else _moscow_day("from_unix_s", value, timedelta(seconds=1))


@DATES.function("from_unix_ms", NUMBER_OR_NULL)
def from_unix_ms(value: float | Decimal | None) -> str | None:
    """The day in Moscow of a moment in milliseconds since 1970."""
    return None if value is None else _moscow_day("from_unix_ms", value, timedelta(milliseconds=1))


@DATES.function("full_years", TEXT_OR_NULL, TEXT_OR_NULL)
def full_years(since: str | None, on: str | None) -> int | None:
    """Full years between two dates; one born on 29 February grows older on 1 March."""
    if since is None or on is None:
        return None
    start, end = day("full_years", since), day("full_years", on)
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def day(function: str, text: str) -> date:
    """The date a text begins with: a date of the application, or a date and time of an answer."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise FunctionError(f"{function}() expects a date as YYYY-MM-DD") from None


def _since_epoch(function: str, text: str) -> timedelta:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FunctionError(f"{function}() expects an ISO date, or date and time") from None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=MOSCOW)) - _EPOCH


def _moscow_day(function: str, value: float | Decimal, unit: timedelta) -> str:
    try:
        # Whole units are fine enough for a day, and exact. A product with a float is not.
        moment = _EPOCH + int(value // 1) * unit
        return moment.astimezone(MOSCOW).date().isoformat()
    except (ArithmeticError, ValueError):
        raise FunctionError(f"{function}() expects a moment between the years 1 and 9999") from None


@DATES.function("add_days", TEXT_OR_NULL, NUMBER)
def add_days(value: str | None, days: float | Decimal) -> str | None:
    """The date so many days later, or earlier."""
    if value is None:
        return None
    number = whole("add_days", days, least=-_MOST_DAYS, most=_MOST_DAYS)
    try:
        return (day("add_days", value) + timedelta(days=number)).isoformat()
    except OverflowError:
        raise FunctionError("add_days() leaves the years 1 to 9999") from None


@DATES.function("add_seconds", TEXT_OR_NULL, NUMBER_OR_NULL)
def add_seconds(value: str | None, seconds: float | Decimal | None) -> str | None:
    """The moment so many seconds later, in Moscow's time; one without a zone is Moscow's."""
    if value is None or seconds is None:
        return None
    since = _since_epoch("add_seconds", value)
    try:
        moment = _EPOCH + since + timedelta(seconds=float(seconds))
        return moment.astimezone(MOSCOW).isoformat(timespec="seconds")
    except (OverflowError, ValueError):
        raise FunctionError("add_seconds() leaves the years 1 to 9999") from None
