"""Resend: staff has the request to confirm mailed once more; the composer heeds blocks and the daily cap."""

from sqlalchemy import select

from petition.extensions import db
from petition.outbox import posting
from petition.outbox.models import WAITING, Mail
from petition.signatures import confirming
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Submission
from petition.signatures.refusals import ConfirmedAlready, RefusedMails


def resend(submission: Submission) -> None:
    """Post it; a request that waits already is enough. Raises ConfirmedAlready, Closed and RefusedMails."""
    if submission.confirmed_at is not None:
        raise ConfirmedAlready
    mailbox = Mailbox(submission.text.declaration, submission.mailbox)
    confirming.refuse_if_over(mailbox)
    if mailbox.find_block():
        raise RefusedMails
    theirs = select(Mail.id).where(Mail.mailbox == mailbox.key, Mail.scope == submission.declaration_id)
    waiting = theirs.where(Mail.kind == "confirm", Mail.reference == submission.public_id, WAITING)
    if db.session.scalar(waiting.limit(1)) is None:
        scope, language = submission.declaration_id, submission.language
        posting.post("confirm", submission.public_id, scope=scope, mailbox=mailbox.key, language=language)
