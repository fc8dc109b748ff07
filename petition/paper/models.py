"""Tables that staff handed in, between the steps of an import."""

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import PublicId, Serial, Time
from petition.declarations.models import Declaration
from petition.extensions import Base


class HandedTable(Base):
    """Header and rows of one table, for who handed it in; full of names, so it is encrypted and soon gone."""

    __tablename__ = "handed_tables"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id))
    owner: Mapped[PublicId]
    """The public id of the account."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted JSON."""
    expires_at: Mapped[Time] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("public_id"),)
