"""Keep the organisations' tally true: note what a change does to it, and count again from the rows."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from petition import clock
from petition.endorsements.models import Endorsement
from petition.extensions import db
from petition.tally import noting
from petition.tally.models import ORGANISATION, Key
from petition.tally.noting import Place


@contextmanager
def noted(endorsement: Endorsement) -> Iterator[None]:
    """Note what the changes made inside do to the count. The endorsement's row must be locked."""
    before = _place(endorsement)
    yield
    db.session.flush()
    after = _place(endorsement)
    if before == after:
        return
    if before:
        noting.note(before, -1)
    if after:
        noting.note(after, +1)


def count_rows() -> Iterator[tuple[Key, int]]:
    """How many endorsements count at each place: what a recount compares the tally with."""
    query = select(Endorsement.declaration_id, Endorsement.approved_at, Endorsement.country)
    counted: Counter[Key] = Counter()
    for declaration_id, approved_at, country in db.session.execute(query.where(Endorsement.counted)):
        assert approved_at is not None, "only what was approved counts"
        counted[declaration_id, ORGANISATION, clock.hour_of(approved_at), country, "", ""] += 1
    yield from counted.items()


def _place(endorsement: Endorsement) -> Place | None:
    if not endorsement.counted or endorsement.approved_at is None:
        return None
    return Place(endorsement.declaration_id, endorsement.approved_at, endorsement.country, kind=ORGANISATION)
