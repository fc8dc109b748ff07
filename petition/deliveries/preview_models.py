"""Previews that were asked for, and what was made for them; an hour later they are gone."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import clock
from petition.columns import PublicId, Serial, Time, UtcDateTime
from petition.declarations.models import Declaration
from petition.extensions import Base

WITHIN = timedelta(minutes=2)
"""So long it may take once it is begun; whoever was killed over it is not waited for any longer."""


class PreviewState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class DeliveryPreview(Base):
    """What an order would give: counted and set by a process of its own, shown before anything is made."""

    __tablename__ = "delivery_previews"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id), index=True)
    stored_order: Mapped[dict[str, Any]] = mapped_column(JSON)
    chosen: Mapped[list[list[str]]] = mapped_column(JSON)
    """Names and values as they were posted, so that the form can come back."""
    asked_at: Mapped[Time]
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(Text, default="")
    """Why nothing can be shown, in English; the counts may be there all the same."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """By visibility."""
    lines: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """The table's head and its first lines, where there is no book."""
    pages: Mapped[list["DeliveryPreviewPage"]] = relationship(
        cascade="all, delete-orphan", order_by="DeliveryPreviewPage.place"
    )

    __table_args__ = (UniqueConstraint("public_id"),)

    @property
    def state(self) -> PreviewState:
        if self.failure:
            return PreviewState.FAILED
        if self.made_at:
            return PreviewState.READY
        if self.claimed_at is None:
            return PreviewState.WAITING
        return PreviewState.WORKING if self.claimed_at > clock.now() - WITHIN else PreviewState.FAILED


class DeliveryPreviewPage(Base):
    """One page of the book as a picture."""

    __tablename__ = "delivery_preview_pages"

    preview_id: Mapped[int] = mapped_column(ForeignKey(DeliveryPreview.id, ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    png: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
