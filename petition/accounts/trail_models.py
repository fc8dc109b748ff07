"""The table of the audit trail: what staff did, in one chain that only grows."""

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import PUBLIC_ID_LENGTH, Digest, SerialType, Time
from petition.extensions import Base


class TrailEntry(Base):
    """One act. Triggers of the database refuse every change but emptying ``detail`` and ``network`` with their salts.

    A migration that has SQLite copy this table must make its triggers again: they go with the old one.
    """

    __tablename__ = "trail_entries"

    number: Mapped[int] = mapped_column(SerialType, primary_key=True, autoincrement=False)
    """Its place in the chain, from 1 on and without a gap."""
    at: Mapped[Time]
    account: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH))
    """Whose act: an account's public id as text, so that the entry outlives the account; or the word for a command."""
    act: Mapped[str] = mapped_column(String(60))
    scope: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str | None] = mapped_column(Text)
    """What was acted on, by its public id or its public name; nothing personal."""
    detail: Mapped[str | None] = mapped_column(Text)
    """Why, and with which values: canonical JSON (RFC 8785), exactly as it was hashed."""
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    detail_digest: Mapped[Digest]
    network: Mapped[str | None] = mapped_column(Text)
    network_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    network_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    previous: Mapped[Digest]
    digest: Mapped[Digest]

    __table_args__ = (
        CheckConstraint("(detail IS NULL) = (salt IS NULL)", name="detail_with_salt"),
        CheckConstraint("(network IS NULL) = (network_salt IS NULL)", name="network_with_salt"),
        Index("ix_trail_entries_at", "at"),
        Index("ix_trail_entries_account", "account", "number"),
        Index("ix_trail_entries_scope", "scope", "number"),
        Index("ix_trail_entries_subject", "subject"),
    )
