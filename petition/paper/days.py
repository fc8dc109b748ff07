"""The day that stands on a sheet: whether one could sign on it, which text was there, at what moment it counts."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from petition import clock
from petition.declarations.models import Declaration, DeclarationText
from petition.paper.refusals import InTheFuture, NotOpenThen
from petition.signatures.refusals import Closed


def check(declaration: Declaration, day: date) -> None:
    """Raises InTheFuture, NotOpenThen, and Closed once persons are purged."""
    zone = declaration.plan.time_zone
    if day > clock.in_zone(clock.now(), zone).date():
        raise InTheFuture
    if day < clock.in_zone(declaration.opens_at, zone).date():
        raise NotOpenThen
    if declaration.closes_at is None:
        return
    if day > clock.in_zone(declaration.closes_at, zone).date():
        raise NotOpenThen
    if clock.now() >= declaration.closes_at + timedelta(days=declaration.plan.retention_days):
        raise Closed


def text_of(declaration: Declaration, *, language: str, day: date) -> DeclarationText:
    """The version that was to be signed in this language on this day; the first where none was published yet."""
    versions = [text for text in declaration.texts if text.language == language] or list(declaration.texts)
    versions.sort(key=lambda text: text.number)
    end = _start_of(day + timedelta(days=1), declaration)
    return next((text for text in reversed(versions) if text.published_at < end), versions[0])


def moment(declaration: Declaration, day: date) -> datetime:
    """Noon of that day, because a sheet tells no hour; never later than now."""
    return min(_start_of(day, declaration) + timedelta(hours=12), clock.now())


def _start_of(day: date, declaration: Declaration) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(declaration.plan.time_zone))
