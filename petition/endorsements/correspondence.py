"""What is known of the mailboxes that a batch of this room's mails goes to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select

from petition import clock, keys
from petition.endorsements.confirming import STATED
from petition.endorsements.models import Endorsement, EndorsementSubmission
from petition.extensions import db
from petition.outbox import blocking, posting
from petition.outbox.blocking import Key
from petition.outbox.models import Mail

DAY = timedelta(hours=24)
SAME_WITHIN = timedelta(minutes=10)
"""Identical values within this time are one submission."""


@dataclass(frozen=True)
class Correspondence:
    """The state of the batch's mailboxes. Within a batch no two mails go to one mailbox."""

    submissions: dict[str, EndorsementSubmission]
    """By the public id that a mail refers to."""
    endorsements: dict[Key, Endorsement]
    pending: dict[Key, list[EndorsementSubmission]]
    blocked: set[Key]
    sent: dict[Key, list[datetime]]
    """When other mails of the last day were written, oldest first; signatures' mails are among them."""

    @classmethod
    def of(cls, mails: Sequence[Mail]) -> Self:
        mailboxes = [mail.mailbox for mail in mails if mail.mailbox]
        endorsements = db.session.scalars(select(Endorsement).where(Endorsement.mailbox.in_(mailboxes)))
        pending: dict[Key, list[EndorsementSubmission]] = defaultdict(list)
        for submission in _of_mailboxes(mailboxes):
            if submission.confirmed_at is None:
                pending[submission.declaration_id, submission.mailbox].append(submission)
        return cls(
            submissions=_about(mails),
            endorsements={(each.declaration_id, each.mailbox or b""): each for each in endorsements},
            pending=pending,
            blocked=blocking.blocked(mails),
            sent=posting.sent_times(mails, since=clock.now() - DAY),
        )

    def repeats_another(self, submission: EndorsementSubmission) -> bool:
        """Whether an earlier, still pending submission of this mailbox says the very same."""
        return any(
            other.id < submission.id
            and other.created_at >= submission.created_at - SAME_WITHIN
            and _values(other) == _values(submission)
            for other in self.pending.get((submission.declaration_id, submission.mailbox), ())
        )


def _about(mails: Sequence[Mail]) -> dict[str, EndorsementSubmission]:
    references = [mail.reference for mail in mails]
    query = select(EndorsementSubmission).where(EndorsementSubmission.public_id.in_(references))
    return {row.public_id: row for row in db.session.scalars(query)}


def _of_mailboxes(mailboxes: list[bytes]) -> Sequence[EndorsementSubmission]:
    query = select(EndorsementSubmission).where(EndorsementSubmission.mailbox.in_(mailboxes))
    return db.session.scalars(query.where(EndorsementSubmission.created_at >= clock.now() - DAY)).all()


def _values(submission: EndorsementSubmission) -> tuple[object, ...]:
    address = keys.ring().decrypt(submission.address)
    return (*(getattr(submission, name) for name in STATED), address, submission.text_id, submission.consents)
