"""The last few who signed and chose to be seen, for the declaration's page."""

from datetime import datetime

from sqlalchemy import select

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures.models import SHOWN, Signature

MOST = 6


def names(declaration: Declaration, *, until: datetime) -> list[Signature]:
    """The newest first. ``until`` is the tally's time: the page names nobody whom its number does not count yet."""
    query = (
        select(Signature)
        .where(Signature.declaration_id == declaration.id, SHOWN, Signature.confirmed_at <= until)
        .order_by(Signature.confirmed_at.desc(), Signature.public_id.desc())
        .limit(MOST)
    )
    return list(db.session.scalars(query))
