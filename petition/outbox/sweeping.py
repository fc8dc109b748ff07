"""Remove what the embedded default's mail folder and the outbox keep for longer than they should."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, or_, select

from petition import clock
from petition.extensions import db
from petition.outbox.models import Mail
from petition.settings import Settings

KEEP_FILES = timedelta(days=7)
KEEP_ROWS = timedelta(days=30)
BATCH = 5_000
"""Rows that one sweep removes at most; the next goes on."""
_UNTRACKED = {"synchronize_session": False}


def sweep() -> int:
    """Remove mail files older than 7 days, and a batch of the rows of mails that left or were dropped 30 days ago."""
    settings: Settings = current_app.extensions["petition.settings"]
    oldest = (clock.now() - KEEP_FILES).timestamp()
    folder = settings.instance_dir / "mail"
    # Drafts are what a worker left that was killed while it wrote.
    for file in (*folder.glob("*.eml"), *folder.glob(".*.draft")):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
    gone = clock.now() - KEEP_ROWS
    batch = select(Mail.id).where(or_(Mail.sent_at < gone, Mail.dropped_at < gone)).limit(BATCH)
    removed = db.session.execute(delete(Mail).where(Mail.id.in_(batch)), execution_options=_UNTRACKED)
    return int(removed.rowcount)  # type: ignore[attr-defined]


def access(mailbox: bytes, *, scope: int) -> list[dict[str, str | None]]:
    """What the outbox knows of this mailbox's mails; it holds no text and no address."""
    mails = db.session.scalars(select(Mail).where(Mail.mailbox == mailbox, Mail.scope == scope).order_by(Mail.id))
    return [
        {
            "kind": mail.kind,
            "language": mail.language,
            "due_at": clock.iso(mail.due_at),
            "sent_at": clock.iso(mail.sent_at) if mail.sent_at else None,
            "reason": mail.reason,
        }
        for mail in mails
    ]


def forget(mailbox: bytes, *, scope: int) -> None:
    """Take every mail of this mailbox out of the outbox, sent or not."""
    db.session.execute(delete(Mail).where(Mail.mailbox == mailbox, Mail.scope == scope))
