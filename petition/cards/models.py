"""One card for each declaration and language: its picture, and what it was made of."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import SerialType, Time, UtcDateTime
from petition.declarations.models import Declaration
from petition.extensions import Base


class Card(Base):
    """A picture and the worker's claim on making it. Before the first is finished there is only the claim."""

    __tablename__ = "cards"

    declaration_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Declaration.id), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    claimed_until: Mapped[Time]
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content: Mapped[str | None] = mapped_column(String(64))
    """A digest of the words on it and of its design, by which a change is known."""
    png: Mapped[bytes | None] = mapped_column(LargeBinary)
