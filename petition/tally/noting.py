"""Note a change of the count, and read the count."""

from dataclasses import dataclass
from datetime import datetime

from petition import clock
from petition.extensions import db, insert_into
from petition.tally.models import PERSON, Change, Tally


@dataclass(frozen=True)
class Place:
    """Where in the tally something counts. ``scope`` is opaque here; ``at`` is cut to its full hour in UTC.

    Kinds are counted apart, and never added up.
    """

    scope: int
    at: datetime
    country: str
    source: str = ""
    kind: str = PERSON


def note(place: Place, amount: int) -> None:
    """Note ``amount`` more (or fewer) at this place. It counts if the caller commits."""
    hour = clock.hour_of(place.at)
    db.session.add(
        Change(
            scope=place.scope,
            kind=place.kind,
            hour=hour,
            country=place.country,
            source=place.source,
            amount=amount,
        )
    )


def start(scope: int) -> None:
    """Begin counting a scope's people, at zero; twice is once. Another kind begins with its first change."""
    row = insert_into(Tally).values(scope=scope, kind=PERSON, count=0, as_of=clock.now())
    db.session.execute(row.on_conflict_do_nothing())


def find(scope: int, *, kind: str = PERSON) -> Tally | None:
    return db.session.get(Tally, (scope, kind))
