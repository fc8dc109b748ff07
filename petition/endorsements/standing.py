"""How many organisations wait for a decision: counted by the worker, which keeps the number for the staff's pages."""

from sqlalchemy import func, select

from petition.endorsements.models import Endorsement
from petition.endorsements.states import HELD
from petition.extensions import db


def count_held(declaration_id: int) -> int:
    query = select(func.count()).select_from(Endorsement)
    return db.session.scalar(query.where(Endorsement.declaration_id == declaration_id, HELD)) or 0
