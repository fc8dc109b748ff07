"""Put a mail into the outbox, and ask what went to a mailbox."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db
from petition.outbox.models import WAITING, Mail
from petition.storing import Row


def post(
    kind: str, reference: str, *, scope: int, mailbox: bytes, language: str, due_at: datetime | None = None
) -> None:
    """Have a mail of this kind written and sent, at once or when it is due. It leaves if the caller commits."""
    add(waiting(kind, reference, scope=scope, mailbox=mailbox, language=language, due_at=due_at))


def add(mail: Row) -> None:
    """Post a mail that was made as a row."""
    db.session.add(Mail(**mail.values))


def add_all(mails: Sequence[Row]) -> None:
    """Post many at once."""
    if mails:
        db.session.execute(insert(Mail), [mail.values for mail in mails])


def waiting(
    kind: str, reference: str, *, scope: int, mailbox: bytes, language: str, due_at: datetime | None = None
) -> Row:
    """The same mail as a row, for ``store`` to keep together with what it is about."""
    now = clock.now()
    values = {
        "public_id": new_public_id(),
        "kind": kind,
        "reference": reference,
        "scope": scope,
        "mailbox": mailbox,
        "language": language,
        "created_at": now,
        "due_at": due_at or now,
        "attempts": 0,
    }
    return Row(Mail, values)


def sent_times(but: Sequence[Mail], *, since: datetime) -> dict[tuple[int, bytes], list[datetime]]:
    """When other mails than these were written to their mailboxes and not refused, oldest first.

    By the scope and mailbox of each of these mails. Each is counted together with those of its scope alone, so that
    what anybody may have mailed to an address, which is about none, uses up nothing of any declaration.
    """
    query = (
        select(Mail.scope, Mail.mailbox, Mail.composed_at)
        .where(Mail.mailbox.in_([mail.mailbox for mail in but]), Mail.id.not_in([mail.id for mail in but]))
        .where(Mail.composed_at > since, Mail.dropped_at.is_(None))
        .order_by(Mail.composed_at)
    )
    written: dict[bytes, list[tuple[int, datetime]]] = defaultdict(list)
    for scope, mailbox, composed_at in db.session.execute(query):
        if mailbox and composed_at:
            written[mailbox].append((scope, composed_at))
    times: dict[tuple[int, bytes], list[datetime]] = defaultdict(list)
    for mail in but:
        if mail.mailbox:
            times[mail.scope, mail.mailbox] = [
                composed_at for scope, composed_at in written[mail.mailbox] if scope == mail.scope
            ]
    return times


def withdraw(mailbox: bytes, *, scope: int) -> None:
    """Take back every mail of this scope that still waits for this mailbox."""
    for mail in db.session.scalars(select(Mail).where(Mail.mailbox == mailbox, Mail.scope == scope, WAITING)):
        mail.dropped_at = clock.now()
        mail.reason = "taken back"
