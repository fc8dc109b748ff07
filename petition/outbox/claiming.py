"""Claim mails that are due: one worker has a mail in hand, and one worker at a time writes to a mailbox."""

from datetime import timedelta

from sqlalchemy import or_, select, text

from petition import clock
from petition.extensions import db
from petition.outbox.models import WAITING, Mail

BATCH = 50
CLAIM_FOR = timedelta(seconds=120)
"""How long a worker has its mails in hand; one that dies leaves them to others after this."""


def claim() -> list[Mail]:
    """Claim up to 50 mails, each to another mailbox, for the caller to commit."""
    now = clock.now()
    query = (
        select(Mail)
        .where(WAITING, Mail.due_at <= now, or_(Mail.claimed_until.is_(None), Mail.claimed_until < now))
        .order_by(Mail.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    mails = _with_mailbox_alone(_one_a_mailbox(list(db.session.scalars(query))))
    for mail in mails:
        mail.claimed_until = now + CLAIM_FOR
    return mails


def _one_a_mailbox(mails: list[Mail]) -> list[Mail]:
    """The first mail to each mailbox, of whatever scope; what the next one says may depend on it."""
    first: dict[object, Mail] = {}
    for mail in mails:
        first.setdefault(mail.mailbox or mail.id, mail)
    return list(first.values())


def _with_mailbox_alone(mails: list[Mail]) -> list[Mail]:
    """Leave out mailboxes that another worker is writing to: both could write the last mail of a day."""
    if db.engine.dialect.name == "sqlite":
        return mails
    locks = {_lock_of(mail): mail for mail in mails}
    query = text("SELECT key FROM unnest(CAST(:keys AS bigint[])) AS key WHERE pg_try_advisory_xact_lock(key)")
    return [locks[key] for key in db.session.scalars(query, {"keys": list(locks)})]


def _lock_of(mail: Mail) -> int:
    return int.from_bytes((mail.mailbox or mail.public_id.encode())[:8], "big", signed=True)
