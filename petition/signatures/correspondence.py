"""What is known of the mailboxes that a batch of mails goes to, read in a handful of questions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select

from petition import clock, keys
from petition.extensions import db
from petition.outbox import blocking, posting
from petition.outbox.models import Mail
from petition.signatures.models import Signature, Submission
from petition.signatures.statements import Statement

DAY = timedelta(hours=24)
MOST_A_DAY = 5
"""Mails to one mailbox for one declaration within this time, or the form would be a mail bomb."""
SAME_WITHIN = timedelta(minutes=10)
"""Identical values within this time are one submission: a double click is not two people."""

Key = tuple[int, bytes]
"""A declaration's id and a mailbox."""


@dataclass(frozen=True)
class Correspondence:
    """The state of the batch's mailboxes. Within a batch no two mails go to one mailbox."""

    submissions: dict[str, Submission]
    """By the public id that a mail refers to."""
    signatures: dict[Key, Signature]
    pending: dict[Key, list[Submission]]
    blocked: set[Key]
    sent: dict[Key, list[datetime]]
    """When other mails of the last day were written, oldest first."""

    @classmethod
    def of(cls, mails: Sequence[Mail]) -> Self:
        mailboxes = [mail.mailbox for mail in mails if mail.mailbox]
        submissions = _about(mails)
        signatures = db.session.scalars(select(Signature).where(Signature.mailbox.in_(mailboxes)))
        return cls(
            submissions=submissions,
            signatures={_key(signature): signature for signature in signatures},
            pending=_pending(mailboxes, submissions.values()),
            blocked=blocking.blocked(mails),
            sent=posting.sent_times(mails, since=clock.now() - DAY),
        )

    def repeats_another(self, submission: Submission) -> bool:
        """Whether an earlier, still pending submission of this mailbox says the very same."""
        return any(
            _values(other) == _values(submission)
            for other in self.pending.get(_key(submission), ())
            if other.id < submission.id and other.created_at >= submission.created_at - SAME_WITHIN
        )


def is_last(sent: list[datetime]) -> bool:
    """Whether the mail after these is the day's last."""
    return len(sent) == MOST_A_DAY - 1


def key_of(mail: Mail) -> Key:
    assert mail.mailbox is not None, "the mails of this room go to a mailbox"
    return mail.scope, mail.mailbox


def _key(row: Submission | Signature) -> Key:
    assert row.mailbox is not None, "it was found by its mailbox"
    return row.declaration_id, row.mailbox


def _about(mails: Sequence[Mail]) -> dict[str, Submission]:
    references = [mail.reference for mail in mails]
    return {
        row.public_id: row for row in db.session.scalars(select(Submission).where(Submission.public_id.in_(references)))
    }


def _pending(mailboxes: list[bytes], about: Iterable[Submission]) -> dict[Key, list[Submission]]:
    """What was submitted for these mailboxes shortly before, and is not confirmed."""
    oldest = min((submission.created_at for submission in about), default=clock.now()) - SAME_WITHIN
    query = select(Submission).where(
        Submission.mailbox.in_(mailboxes), Submission.confirmed_at.is_(None), Submission.created_at >= oldest
    )
    pending: dict[Key, list[Submission]] = defaultdict(list)
    for submission in db.session.scalars(query):
        pending[_key(submission)].append(submission)
    return pending


def _values(submission: Submission) -> tuple[object, ...]:
    address = keys.ring().decrypt(submission.address)
    return Statement.of(submission), address, submission.text_id, submission.consents
