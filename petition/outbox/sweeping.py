"""Remove what the embedded default's mail folder and the outbox keep for longer than they should."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, or_, select

from petition import clock
from petition.disclosing import Disclosure
from petition.extensions import db
from petition.outbox.models import EVERY_SCOPE, Mail
from petition.settings import Settings

KEEP_FILES = timedelta(days=7)
KEEP_ROWS = timedelta(days=30)
BATCH = 5_000
"""Rows that one sweep removes at most; the next goes on."""
_UNTRACKED = {"synchronize_session": False}

MAILS = Disclosure(
    Mail,
    left_out={
        "id": "a serial number, which tells how many mails there are",
        "public_id": "the mail itself carries it, as its Message-ID",
        "reference": "the id of what the mail is about, which is handed out itself",
        "scope": "a serial number; the download is about one declaration, which it names",
        "mailbox": "a keyed hash of the address, which is handed out itself",
    },
)
"""What the download tells of a mail; the outbox holds no text and no address."""


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


def access(mailbox: bytes, *, scope: int) -> list[dict[str, Any]]:
    """What the outbox knows of this mailbox's mails."""
    return [MAILS.of(mail) for mail in mails_to(mailbox, scope=scope)]


def mails_to(mailbox: bytes, *, scope: int) -> Sequence[Mail]:
    """The mails to this mailbox about this scope or about no single one, oldest first."""
    return db.session.scalars(select(Mail).where(*_to(mailbox, scope)).order_by(Mail.id)).all()


def forget(mailbox: bytes, *, scope: int) -> None:
    """Take every mail of this mailbox out of the outbox, sent or not."""
    db.session.execute(delete(Mail).where(*_to(mailbox, scope)))


def _to(mailbox: bytes, scope: int) -> tuple[ColumnElement[bool], ...]:
    return Mail.mailbox == mailbox, Mail.scope.in_((scope, EVERY_SCOPE))
