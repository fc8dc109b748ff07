"""How many organisations wait for a decision: counted by the worker, which keeps the number for the staff's pages."""

from sqlalchemy import func, or_, select

from petition.endorsements.models import Endorsement
from petition.extensions import db

_HELD = (
    ~Endorsement.counted,
    or_(Endorsement.withdrawn_at.is_(None), Endorsement.withdrawn_at < Endorsement.confirmed_at),
    or_(Endorsement.declined_at.is_(None), Endorsement.declined_at < Endorsement.confirmed_at),
)
"""What ``Endorsement.state`` calls held, for the database."""


def count_held(declaration_id: int) -> int:
    query = select(func.count()).select_from(Endorsement)
    return db.session.scalar(query.where(Endorsement.declaration_id == declaration_id, *_HELD)) or 0
