"""Endorsements and what was sent for them, organisers' decisions, and the links mailed for them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from petition.columns import Digest, PublicId, Serial, SerialType, Time, UtcDateTime
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import Base


class Stated:
    """What is stated for an organisation, and by whom, alike in a submission and in an endorsement."""

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    organisation: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(String(2))
    site: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    """Who answers for it; never published."""
    role: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Time]

    @declared_attr
    def declaration_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey(Declaration.id))

    @declared_attr
    def text_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey(DeclarationText.id))

    @declared_attr
    def text(cls) -> Mapped[DeclarationText]:
        return relationship(DeclarationText)


class EndorsementSubmission(Stated, Base):
    """What was typed and sent, before its address is proved. There may be any number for one address."""

    __tablename__ = "endorsement_submissions"

    address: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, as it was typed."""
    mailbox: Mapped[Digest]
    consents: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Purpose and exact wording of each consent given."""
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_endorsement_submissions_mailbox", "mailbox", "declaration_id", "id"),
    )


COUNTED = (
    "approved_at IS NOT NULL AND approved_at >= confirmed_at"
    " AND (declined_at IS NULL OR declined_at < approved_at)"
    " AND (withdrawn_at IS NULL OR withdrawn_at < confirmed_at)"
)
"""The rule of what is shown and counts, kept by the database itself. An approval holds for what had been
confirmed by then: what is confirmed anew waits anew."""


class State(StrEnum):
    HELD = "held"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Endorsement(Stated, Base):
    """One organisation's confirmed support of one declaration: one for each mailbox, by constraint."""

    __tablename__ = "endorsements"

    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    mailbox: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    consents: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    confirmed_at: Mapped[Time]
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The newest approval; so with the others. All of them are in the decisions."""
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted: Mapped[bool] = mapped_column(Computed(COUNTED, persisted=True))
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.id", cascade="all, delete-orphan")

    # The database says at once, with each write, whether the endorsement counts.
    __mapper_args__ = {"eager_defaults": True}
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("declaration_id", "mailbox", name="uq_endorsements_one_per_mailbox"),
    )

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None and self.withdrawn_at >= self.confirmed_at

    @property
    def state(self) -> State:
        if self.withdrawn:
            return State.WITHDRAWN
        if self.counted:
            return State.APPROVED
        if self.declined_at is not None and self.declined_at >= self.confirmed_at:
            return State.DECLINED
        return State.HELD


Index(
    "ix_endorsements_shown",
    Endorsement.declaration_id,
    Endorsement.approved_at,
    Endorsement.public_id,
    sqlite_where=text("counted = 1"),
    postgresql_where=text("counted"),
)


class Decision(Base):
    """An organiser's yes or no, once decided never changed: undoing one adds a later one."""

    __tablename__ = "endorsement_decisions"

    id: Mapped[Serial]
    endorsement_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Endorsement.id), index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[Time]

    __table_args__ = (CheckConstraint("verdict IN ('approved', 'declined')", name="verdict"),)


class Purpose(StrEnum):
    """What a mailed link is for; one made for one purpose opens nothing else."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    PERSONAL = "personal"


class EndorsementLink(Base):
    """A link that lies in somebody's mailbox; only its token's digest is known here."""

    __tablename__ = "endorsement_links"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id))
    mailbox: Mapped[Digest]
    created_at: Mapped[Time]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declaration: Mapped[Declaration] = relationship()

    __table_args__ = (Index("ix_endorsement_links_mailbox", "mailbox", "declaration_id"),)


class EndorsementBlock(Base):
    """A mailbox's owner said "this was not me": it gets no mail for this declaration until they lift it."""

    __tablename__ = "endorsement_blocks"

    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id), primary_key=True)
    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[Time]
