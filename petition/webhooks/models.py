"""Webhook endpoints, and the notices that wait for them, reached them, or were given up."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.columns import PublicId, Serial, SerialType, Time, UtcDateTime
from petition.extensions import Base


class WebhookEndpoint(Base):
    """An address that hears of events. Whose it is and what it is about are opaque here."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    owner: Mapped[str] = mapped_column(String(80))
    """Who is told when it is disabled: a kind that a room registered, and what follows its colon."""
    scope: Mapped[int | None] = mapped_column(BigInteger)
    """None: every scope, those to come among them."""
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted."""
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Up to here both secrets sign."""
    created_at: Mapped[Time]
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_because: Mapped[str | None] = mapped_column(String(20))
    enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the first of these failed; None once something was taken again."""
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then it is spared, whatever waits for it."""

    __table_args__ = (UniqueConstraint("public_id"),)

    @property
    def on(self) -> bool:
        """Whether it hears of anything. Enabling adds a later time and clears none."""
        if self.disabled_at is None:
            return True
        return self.enabled_at is not None and self.enabled_at >= self.disabled_at


ON = or_(WebhookEndpoint.disabled_at.is_(None), WebhookEndpoint.enabled_at >= WebhookEndpoint.disabled_at)


class Notice(Base):
    """One event for one endpoint. It holds no body: that is composed, for the state then found, when it is sent."""

    __tablename__ = "webhook_notices"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    """The ``webhook-id``, the same over every attempt and replay."""
    endpoint_id: Mapped[int] = mapped_column(SerialType, ForeignKey(WebhookEndpoint.id))
    event: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(60))
    """What the composer writes about; opaque here."""
    occurred_at: Mapped[Time]
    due_at: Mapped[Time]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """While this lies ahead, one worker has it in hand."""
    first_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From here the three days count in which it is tried."""
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    """Of the last answer. The answer itself is not kept: it may repeat a name."""
    reason: Mapped[str | None] = mapped_column(String(40))
    """Why the last attempt failed, or why there will be none, in a word."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """It will not be sent, unless somebody replays it."""
    endpoint: Mapped[WebhookEndpoint] = relationship()

    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_webhook_notices_endpoint", "endpoint_id", "occurred_at"),
        # By which they are found when a person is forgotten.
        Index("ix_webhook_notices_reference", "reference"),
    )


WAITING = and_(Notice.sent_at.is_(None), Notice.dropped_at.is_(None))
# The tries come last, so that counting those that failed needs the index alone.
Index(
    "ix_webhook_notices_waiting",
    Notice.endpoint_id,
    Notice.due_at,
    Notice.attempts,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
