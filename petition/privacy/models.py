"""The journal of erasures, and the check that the keys are the right ones."""

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import PublicId, Serial, Time
from petition.extensions import Base


class Erasure(Base):
    """That something was erased, and when. It names an opaque id, so that a restored backup can be told."""

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("subject"),)

    id: Mapped[Serial]
    subject: Mapped[PublicId]
    erased_at: Mapped[Time]


class KeyCheck(Base):
    """A known text under one key: what a wrong key cannot make or read."""

    __tablename__ = "key_checks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
