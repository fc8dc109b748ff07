"""The one clock: aware, in UTC, and settable by tests."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 with whole seconds and ``Z``, as the API and the logs write times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hour_of(moment: datetime) -> datetime:
    """The full hour, in UTC, that this moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def in_zone(moment: datetime, zone: str) -> datetime:
    """The same moment as clocks in this time zone show it."""
    return moment.astimezone(ZoneInfo(zone))
