"""Which endorsements are held, as the database is asked: the same rule as in ``Endorsement.state``."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from petition.endorsements.models import Endorsement


def _not_since_confirmed(fact: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    # Never NULL, so that NOT turns it round.
    return or_(fact.is_(None), fact < Endorsement.confirmed_at)


HELD = and_(*map(_not_since_confirmed, (Endorsement.approved_at, Endorsement.declined_at, Endorsement.withdrawn_at)))
