"""Declarations, the immutable versions of their texts, and the drafts of what is not published yet."""

from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.columns import PUBLIC_ID_LENGTH, Serial, SerialType, Time, UtcDateTime
from petition.declarations.plans import Plan, digest
from petition.extensions import Base


class State(StrEnum):
    UPCOMING = "upcoming"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Declaration(Base):
    """What people sign, known by its slug. Its texts are versions of their own; its plan may change."""

    __tablename__ = "declarations"

    id: Mapped[Serial]
    slug: Mapped[str] = mapped_column(String(60))
    featured: Mapped[bool]
    opens_at: Mapped[Time]
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored_plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[Time]
    closing_told: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The closing that webhooks heard of last; another one is told again."""
    texts: Mapped[list["DeclarationText"]] = relationship(back_populates="declaration", order_by="DeclarationText.id")

    __table_args__ = (UniqueConstraint("slug"),)

    @cached_property
    def plan(self) -> Plan:
        return Plan.from_json(self.stored_plan)

    @cached_property
    def wordings_digest(self) -> str:
        """A short name for the words of all consents: a form brings back which ones it showed."""
        return digest(self.plan.consents)

    def state_at(self, moment: datetime) -> State:
        """Whether one may sign. The form closes at the second; a pause tells neither who comes early nor late."""
        if moment < self.opens_at:
            return State.UPCOMING
        if self.closes_at is not None and moment >= self.closes_at:
            return State.CLOSED
        return State.PAUSED if self.plan.paused else State.OPEN


class DeclarationText(Base):
    """One version of a text in one language. It never changes: signatures point at it."""

    __tablename__ = "declaration_texts"

    id: Mapped[Serial]
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id))
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    """1 for the first version in this language."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the file's bytes, in hexadecimal."""
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    published_at: Mapped[Time]
    current: Mapped[bool]
    follows: Mapped[str | None] = mapped_column(String(64))
    """Of a translation: the SHA-256 of the first language's version that it says the same as."""
    declaration: Mapped[Declaration] = relationship(back_populates="texts")

    __table_args__ = (
        UniqueConstraint("declaration_id", "language", "sha256", name="uq_declaration_texts_version"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )


class Draft(Base):
    """What somebody wrote and has not published: of the frame, a text, or a section."""

    __tablename__ = "declaration_drafts"

    id: Mapped[Serial]
    declaration_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Declaration.id))
    part: Mapped[str] = mapped_column(String(20))
    """``frame``, ``text``, or the name of a section."""
    language: Mapped[str] = mapped_column(String(8))
    """Empty for the frame."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    number: Mapped[int]
    """1 when it was first saved, and one more each time: two who write at once are told by it."""
    saved_at: Mapped[Time]
    saved_by: Mapped[str | None] = mapped_column(String(PUBLIC_ID_LENGTH))
    """The account's public id."""

    __table_args__ = (UniqueConstraint("declaration_id", "part", "language", name="uq_declaration_drafts_one"),)


Index(
    "uq_declaration_texts_current",
    DeclarationText.declaration_id,
    DeclarationText.language,
    unique=True,
    sqlite_where=text("current = 1"),
    postgresql_where=text("current"),
)
