"""The day that counts for tariffs, start dates and "today's" answers. Standard library only."""

from datetime import date, datetime, timedelta, timezone

# Moscow has kept UTC+3 all year since 2014-10-26 (248-FZ); a fixed offset needs no tzdata package.
MOSCOW = timezone(timedelta(hours=3), "MSK")


def moscow_day(now: datetime) -> date:
    """The Moscow day of an aware moment."""
    return now.astimezone(MOSCOW).date()
