"""Opening, pausing, closing, and where the site's first page leads: what takes effect at once."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext

from petition import clock
from petition.declarations import publishing, saving
from petition.declarations.frames import is_near
from petition.declarations.models import Declaration, State
from petition.declarations.plans import Frame


class StateRefused(Exception):
    """What was asked for makes no sense now; ``field`` is the one it is wrong in, if any."""

    def __init__(self, sentence: LazyString, field: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True)
class Times:
    opens_at: datetime
    closes_at: datetime | None


def pause(declaration: Declaration) -> None:
    """Nobody can sign for now; confirming goes on. Raises StateRefused, as the others do."""
    _refuse_unless(declaration, State.OPEN, State.UPCOMING)
    _change(declaration, paused=True)


def resume(declaration: Declaration) -> None:
    if not declaration.plan.paused:
        raise StateRefused(lazy_gettext("Signing is not paused."))
    _change(declaration, paused=False)


def open_now(declaration: Declaration) -> None:
    _refuse_unless(declaration, State.UPCOMING)
    _change(declaration, times=Times(clock.now(), declaration.closes_at))


def close_now(declaration: Declaration) -> None:
    _refuse_unless(declaration, State.OPEN, State.PAUSED)
    _change(declaration, times=Times(declaration.opens_at, clock.now()))


def reopen(declaration: Declaration) -> None:
    """Sign again after the closing, without another closing until one is scheduled."""
    _refuse_unless(declaration, State.CLOSED)
    _change(declaration, times=Times(declaration.opens_at, None))


def schedule(declaration: Declaration, *, opens: str, closes: str) -> Times:
    """When it opens and closes, typed as clocks in the declaration's time zone show it; no closing if empty."""
    opens_at = _moment(declaration, opens, field="opens_at", known=declaration.opens_at)
    closes_at = _moment(declaration, closes, field="closes_at", known=declaration.closes_at) if closes else None
    if closes_at is not None and closes_at <= opens_at:
        raise StateRefused(lazy_gettext("The closing must come after the opening."), "closes_at")
    if closes_at is not None and closes_at != declaration.closes_at and closes_at < clock.now():
        # Retention counts from it: a slip of the year would have everybody erased.
        raise StateRefused(lazy_gettext("The closing must not lie in the past."), "closes_at")
    times = Times(opens_at, closes_at)
    _change(declaration, times=times)
    return times


def feature(declaration: Declaration, *, featured: bool) -> None:
    """Whether the site's first page leads here; where it leads to several, to the newest."""
    _change(declaration, featured=featured)


def typed(moment: datetime | None, zone: str) -> str:
    """As the field shows it: to the second only where the minute does not say it all."""
    if moment is None:
        return ""
    local = clock.in_zone(moment, zone).replace(tzinfo=None, microsecond=0)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _refuse_unless(declaration: Declaration, *states: State) -> None:
    if declaration.state_at(clock.now()) not in states:
        raise StateRefused(lazy_gettext("The state has changed meanwhile; please look at it again."))


def _change(
    declaration: Declaration, *, times: Times | None = None, featured: bool | None = None, paused: bool | None = None
) -> None:
    known = saving.frame_of(declaration)
    plan = known.plan if paused is None else replace(known.plan, paused=paused)
    frame = Frame(
        slug=known.slug,
        featured=known.featured if featured is None else featured,
        opens_at=times.opens_at if times else known.opens_at,
        closes_at=times.closes_at if times else known.closes_at,
        plan=plan,
    )
    publishing.apply(declaration, frame)


def _moment(declaration: Declaration, given: str, *, field: str, known: datetime | None) -> datetime:
    zone = declaration.plan.time_zone
    if known is not None and given == typed(known, zone):
        # Fractions of a second, and which of the two hours when clocks go back, are not in the field.
        return known
    try:
        local = datetime.fromisoformat(given)
        moment = local.replace(tzinfo=ZoneInfo(zone))
        near = local.tzinfo is None and is_near(moment)
    except (ValueError, OverflowError):
        near = False
    if not near:
        raise StateRefused(lazy_gettext("Please give a day and a time, such as 2026-05-01T18:00."), field)
    return moment
