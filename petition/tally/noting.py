"""Note a change of the count, and read the count."""

from dataclasses import dataclass
from datetime import datetime

from petition import clock
from petition.extensions import db, insert_into
from petition.storing import Row
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
    partner: str = ""
    kind: str = PERSON


def note(place: Place, amount: int) -> None:
    """Note ``amount`` more (or fewer) at this place. It counts if the caller commits."""
    db.session.add(Change(**change(place, amount).values))


def change(place: Place, amount: int) -> Row:
    """The same note as a row, to be inserted together with what it is about."""
    hour = clock.hour_of(place.at)
    values = {
        "scope": place.scope,
        "kind": place.kind,
        "hour": hour,
        "country": place.country,
        "source": place.source,
        "partner": place.partner,
        "amount": amount,
    }
    return Row(Change, values)


def start(scope: int) -> None:
    """Begin counting a scope's people, at zero; twice is once. Another kind begins with its first change."""
    row = insert_into(Tally).values(scope=scope, kind=PERSON, count=0, as_of=clock.now())
    db.session.execute(row.on_conflict_do_nothing())


def find(scope: int, *, kind: str = PERSON) -> Tally | None:
    return db.session.get(Tally, (scope, kind))
