"""Confirm: the mailbox's owner makes a submission their organisation's endorsement, and an organiser decides."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from petition import clock
from petition.columns import new_public_id
from petition.endorsements.counting import noted
from petition.endorsements.forms import Statement
from petition.endorsements.mailboxes import Mailbox
from petition.endorsements.models import Endorsement, EndorsementSubmission
from petition.endorsements.refusals import Closed
from petition.extensions import db, insert_into
from petition.outbox import posting

AFTER_CLOSING = timedelta(hours=24)
"""How long confirmation links go on working when the form has closed."""
STATED = tuple(Statement.__dataclass_fields__)


def confirm(mailbox: Mailbox, submission: EndorsementSubmission) -> Endorsement:
    """Make the endorsement, or update it, from the submission that was shown; twice is once.

    The submission must be locked. What is confirmed waits for an organiser, also where an earlier state
    was approved. Raises Closed.
    """
    refuse_if_over(mailbox)
    if submission.confirmed_at is not None and (endorsement := mailbox.lock_endorsement()):
        return endorsement
    endorsement = _make(mailbox, submission) or _update(mailbox, submission)
    submission.confirmed_at = clock.now()
    post_thanks(endorsement, "endorsed")
    return endorsement


def post_thanks(endorsement: Endorsement, kind: str) -> None:
    """Have the person responsible told where the endorsement stands, with the personal link."""
    assert endorsement.mailbox is not None, "what is erased is not mailed about"
    posting.post(
        kind,
        endorsement.public_id,
        scope=endorsement.declaration_id,
        mailbox=endorsement.mailbox,
        language=endorsement.language,
    )


def refuse_if_over(mailbox: Mailbox) -> None:
    """Raises Closed when even the time for late confirmations has passed."""
    if is_over(mailbox):
        raise Closed


def is_over(mailbox: Mailbox) -> bool:
    closes_at = mailbox.declaration.closes_at
    return closes_at is not None and clock.now() >= closes_at + AFTER_CLOSING


def _make(mailbox: Mailbox, submission: EndorsementSubmission) -> Endorsement | None:
    """The mailbox's one row, or None if there is one: an older one, or one confirmed at this very moment."""
    row = insert_into(Endorsement).values(
        public_id=new_public_id(),
        declaration_id=mailbox.declaration.id,
        mailbox=mailbox.key,
        created_at=submission.created_at,
        confirmed_at=clock.now(),
        **_values(submission),
    )
    row = row.on_conflict_do_nothing(index_elements=["declaration_id", "mailbox"]).returning(Endorsement)
    made: Endorsement | None = db.session.scalar(select(Endorsement).from_statement(row))
    return made


def _update(mailbox: Mailbox, submission: EndorsementSubmission) -> Endorsement:
    endorsement = mailbox.lock_endorsement()
    assert endorsement is not None, "where none could be made, there is one"
    with noted(endorsement):
        for name, value in _values(submission).items():
            setattr(endorsement, name, value)
        endorsement.confirmed_at = clock.now()
    return endorsement


def _values(submission: EndorsementSubmission) -> dict[str, Any]:
    """What an endorsement takes over from the submission."""
    taken = (*STATED, "text_id", "language", "address", "consents")
    return {name: getattr(submission, name) for name in taken}
