"""What a delivery would hold, before it is made: the counts, and how its first names would look."""

from dataclasses import dataclass
from itertools import groupby, islice

from sqlalchemy import func, select

from petition import countries
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures.models import Signature
from petition.staging.orders import Order, Showing, Sorting

LOOKED_AT = 500
"""Of the oldest signatures the sample is taken; to find the first in order, all would have to be read."""
SHOWN = 15
SHOWN_EACH = 4
"""Of one country, so that there are several."""


@dataclass(frozen=True)
class Sample:
    name: str
    affiliation: str
    role: str
    country: str


@dataclass(frozen=True)
class Preview:
    counts: dict[str, int]
    """By visibility."""
    names: int
    """Of all, how many are shown by name."""
    rows: list[Sample]

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def preview(declaration: Declaration, order: Order) -> Preview:
    """Counts rows, which no page does that the public can ask for; staff wait a moment for it."""
    mine = Signature.declaration_id == declaration.id, Signature.counted
    query = select(Signature.visibility, func.count()).where(*mine).group_by(Signature.visibility)
    counts: dict[str, int] = dict(db.session.execute(query).all())
    named = [visibility for visibility, showing in order.shows.items() if showing is Showing.NAME]
    columns = Signature.name, Signature.affiliation, Signature.role, Signature.country
    oldest = select(*columns).where(*mine, Signature.visibility.in_(named))
    oldest = oldest.order_by(Signature.confirmed_at, Signature.public_id).limit(LOOKED_AT)
    rows = [
        Sample(name, affiliation or "", role or "", countries.name(country, order.languages[0]))
        for name, affiliation, role, country in db.session.execute(oldest)
        if name
    ]
    if order.sorting is Sorting.COUNTRY:
        rows.sort(key=lambda row: (countries.sort_key(row.country), countries.sort_key(row.name)))
        by_country = groupby(rows, key=lambda row: row.country)
        rows = [row for _, some in by_country for row in islice(some, SHOWN_EACH)]
    return Preview(counts, sum(counts.get(each, 0) for each in named), rows[:SHOWN])
