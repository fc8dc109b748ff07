"""Keys with which programs make sure that what they send twice is stored once."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from petition.columns import Digest, Serial, Time
from petition.extensions import Base


class IdempotencyKey(Base):
    """A key that came with a submission which was stored; committed with it. It tells nothing of either."""

    __tablename__ = "idempotency_keys"

    id: Mapped[Serial]
    digest: Mapped[Digest]
    """A keyed hash of the partner, the declaration and the key."""
    body: Mapped[Digest]
    """A keyed hash of what was sent with it."""
    created_at: Mapped[Time]

    __table_args__ = (UniqueConstraint("digest"),)
