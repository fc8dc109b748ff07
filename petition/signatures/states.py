"""Where signatures stand, as the database is asked: the same rules as ``Signature.withdrawn`` and its sisters."""

from sqlalchemy import and_, or_

from petition.signatures.models import Signature

# Each begins with what its index is of. None is ever NULL, so that NOT turns it round.
WITHDRAWN = and_(
    Signature.withdrawn_at.is_not(None),
    or_(Signature.confirmed_at.is_(None), Signature.withdrawn_at >= Signature.confirmed_at),
)
INVALIDATED = and_(
    Signature.invalidated_at.is_not(None),
    or_(Signature.reinstated_at.is_(None), Signature.reinstated_at <= Signature.invalidated_at),
)
HELD = and_(
    Signature.held_at.is_not(None),
    or_(Signature.approved_at.is_(None), Signature.approved_at <= Signature.held_at),
)
