"""The table of mails that wait, were sent, or were given up."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint, and_, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import PublicId, Serial, Time, UtcDateTime
from petition.extensions import Base

EVERY_SCOPE = 0
"""The scope of a mail that is about no single one; these count by themselves, and are forgotten with each."""


class Mail(Base):
    """One mail to come. It holds no address and no text: its composer finds both at the moment of sending."""

    __tablename__ = "mails"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    """The local part of its Message-ID, the same over every attempt."""
    kind: Mapped[str] = mapped_column(String(40))
    """Which composer writes it."""
    reference: Mapped[str] = mapped_column(String(22))
    """What the composer writes about; opaque here."""
    scope: Mapped[int] = mapped_column(BigInteger)
    """Within what a mailbox's mails are counted together; opaque here."""
    mailbox: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The keyed hash of the mailbox it goes to; None once its person was forgotten, or was never known."""
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Time]
    due_at: Mapped[Time]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """While this lies ahead, one worker has it in hand."""
    composed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was first written; its mailbox's daily count begins here."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """It will not be sent; the reason says why."""
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_mails_mailbox", "mailbox", "scope"),
    )


WAITING = and_(Mail.sent_at.is_(None), Mail.dropped_at.is_(None))
# The scope and the tries come after what claims are ordered by, so that counting needs the index alone.
Index("ix_mails_waiting", Mail.due_at, Mail.scope, Mail.attempts, sqlite_where=WAITING, postgresql_where=WAITING)

REFUSED = and_(Mail.dropped_at.is_not(None), Mail.attempts > literal_column("0"))
"""Tried and then dropped, for good or after the last try. A constant, not a parameter, so that its index is found."""
Index("ix_mails_refused", Mail.scope, Mail.dropped_at, sqlite_where=REFUSED, postgresql_where=REFUSED)
