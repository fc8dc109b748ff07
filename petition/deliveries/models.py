"""Deliveries that were asked for and made, for whom, and which signatures each held."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.columns import PUBLIC_ID_LENGTH, PublicId, Serial, Time, UtcDateTime
from petition.declarations.models import Declaration
from petition.extensions import Base


class State(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class Delivery(Base):
    """A package that was asked for, and what became of it. The row stays when its file has gone."""

    __tablename__ = "deliveries"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id), index=True)
    stored_order: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why; needed where addresses are asked for."""
    asked_by: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), default="")
    """The public id of the account; empty for a command."""
    asked_at: Mapped[Time]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(Text, default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the file went; everything else is remembered."""
    claimed_by: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), default="")
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then one process works on it, which moves this on as long as it lives."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a process began on it; whatever kills each of them must not do so for ever."""
    stage: Mapped[str] = mapped_column(String(20), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """How far the stage is, in units of its own; 0 where that cannot be told."""
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The moment of its snapshot."""
    count: Mapped[int] = mapped_column(default=0)
    shown: Mapped[int] = mapped_column(default=0)
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    declaration: Mapped[Declaration] = relationship()

    __table_args__ = (
        UniqueConstraint("public_id"),
        CheckConstraint(
            "finished_at IS NULL OR (manifest_sha256 IS NOT NULL AND size IS NOT NULL AND as_of IS NOT NULL)",
            name="finished_is_whole",
        ),
        CheckConstraint("finished_at IS NULL OR failed_at IS NULL", name="finished_or_failed"),
    )

    @property
    def state(self) -> State:
        if self.removed_at:
            return State.REMOVED
        if self.cancelled_at:
            return State.CANCELLED
        if self.failed_at:
            return State.FAILED
        if self.finished_at:
            return State.READY
        return State.WORKING if self.started_at else State.WAITING


class DeliveryReader(Base):
    """A reader of one declaration's deliveries: by which name, and the age key that theirs are encrypted to."""

    __tablename__ = "delivery_readers"

    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    age_key: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (CheckConstraint("kind IN ('addressee', 'press', 'archive', 'partner')", name="kind"),)


class DeliveryMembers(Base):
    """Which signatures a delivery held: a bit for each of 65,536 serial ids, so a million fit into a few pages.

    ``named`` are those whose name it showed; an erasure clears that bit and leaves the number.
    """

    __tablename__ = "delivery_members"

    delivery_id: Mapped[int] = mapped_column(ForeignKey(Delivery.id), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    held: Mapped[bytes] = mapped_column(LargeBinary)
    named: Mapped[bytes] = mapped_column(LargeBinary)
