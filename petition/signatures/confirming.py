"""Confirm: the mailbox's owner makes a submission their signature."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, update

from petition import clock
from petition.columns import new_public_id
from petition.declarations import reading
from petition.extensions import db, writing
from petition.outbox import posting
from petition.signatures import consenting, correcting, counting, notices, searching, signing
from petition.signatures.consenting import PARTNER, REQUIRED
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Consent, Signature, Submission
from petition.signatures.refusals import Closed, LinkUnknown
from petition.signatures.signing import Worded
from petition.signatures.statements import Statement
from petition.storing import ITS_ID, Mark, Row, store_unless_there
from petition.tally import noting
from petition.tally.noting import Place

AFTER_CLOSING = timedelta(hours=24)
"""How long confirmation links go on working when the form has closed."""

_TAKE = (
    update(Submission)
    .where(Submission.id == bindparam("which"), Submission.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
)


def confirm(
    mailbox: Mailbox, submission: Submission, statement: Statement, *, consents: Collection[str], shared: bool = False
) -> None:
    """Make the signature, or update it, from the submission that was shown, and commit; twice is once.

    ``statement`` and ``consents`` are what the owner left standing or corrected; ``shared`` says whether the consent
    of the partner stands that the submission gave. An invalidated signature stays invalidated. It commits, because
    making a signature is one statement and a transaction of its own. Raises Closed and LinkUnknown.
    """
    refuse_if_over(mailbox)
    given = _agreed_to(submission, consents, shared=shared)
    # A signature that is erased between the two is made anew.
    while not (_make(mailbox, submission, statement, given) or _update(mailbox, submission, statement, given)):
        continue


def refuse_if_over(mailbox: Mailbox) -> None:
    """Raises Closed when even the time for late confirmations has passed."""
    if is_over(mailbox):
        raise Closed


def is_over(mailbox: Mailbox) -> bool:
    """Whether even late confirmations come too late."""
    closes_at = mailbox.declaration.closes_at
    return closes_at is not None and clock.now() >= closes_at + AFTER_CLOSING


def _take(submission_id: int) -> bool:
    """Mark the submission as confirmed, unless it is already, or gone; its row is locked from here on."""
    taken = db.session.connection().execute(_TAKE, {"which": submission_id, "now": clock.now()})
    return taken.rowcount == 1


def _agreed_to(submission: Submission, consents: Collection[str], *, shared: bool) -> list[Worded]:
    """The signature's consents; the required one, and a partner's, in the words that were shown, whatever they say by
    now.
    """
    stand = (REQUIRED, PARTNER) if shared else (REQUIRED,)
    agreed = [entry for entry in submission.consents if entry["purpose"] in stand]
    return [*agreed, *signing.worded(reading.get_text(submission.text_id), consents)]


def _make(mailbox: Mailbox, submission: Submission, statement: Statement, given: Iterable[Worded]) -> bool:
    """The mailbox's one row, with all that goes with it; False if there is one, or the submission is confirmed."""
    now = clock.now()
    signature = {
        "public_id": new_public_id(),
        "declaration_id": mailbox.declaration.id,
        "mailbox": mailbox.key,
        **_came(submission),
        "created_at": submission.created_at,
        "confirmed_at": now,
        "search_name": searching.key(statement.name),
        "search_turned": searching.turned_key(statement.name),
        **_values(submission, statement),
    }
    consents = [Row(Consent, {"signature_id": ITS_ID, "given_at": now, **entry}) for entry in given]
    place = Place(mailbox.declaration.id, now, statement.country, submission.source, submission.partner)
    return store_unless_there(
        Row(Signature, signature),
        unique=("declaration_id", "mailbox"),
        with_it=[
            *consents,
            noting.change(place, +1),
            _thanks(mailbox, signature["public_id"], submission.language),
            *_told(signature),
        ],
        mark=Mark(Submission, submission.id, "confirmed_at", now),
    )


def _update(mailbox: Mailbox, submission: Submission, statement: Statement, given: Sequence[Worded]) -> bool:
    """The signature that is there; False where there is none any more. A confirmed submission changes nothing.

    Raises LinkUnknown where the submission is gone.
    """
    # By its id: the submission may be gone when the transaction begins.
    submission_id = submission.id
    with writing():
        # Of two who confirm it at once, the second waits here for the first, and then has nothing left to do.
        if not _take(submission_id):
            if db.session.get(Submission, submission_id, populate_existing=True) is None:
                raise LinkUnknown
            return True
        signature = mailbox.lock_signature()
        if signature is None:
            db.session.rollback()
            return False
        _overwrite(signature, submission, statement, given)
        posting.add(_thanks(mailbox, signature.public_id, signature.language))
        return True


def _overwrite(signature: Signature, submission: Submission, statement: Statement, given: Sequence[Worded]) -> None:
    correcting.keep(signature, statement)
    with counting.noted(signature):
        for name, value in _values(submission, statement).items():
            setattr(signature, name, value)
        if signature.confirmed_at is None or signature.withdrawn:
            for name, value in _came(submission).items():
                setattr(signature, name, value)
            signature.confirmed_at = clock.now()
    # What was agreed with another partner was not asked here, and stays.
    consenting.end(signature, but=[PARTNER, *(entry["purpose"] for entry in given)])
    if submission.partner and not any(entry["purpose"] == PARTNER for entry in given):
        consenting.end_partners(signature, submission.partner)
    consenting.give(signature, given)


def _thanks(mailbox: Mailbox, public_id: str, language: str) -> Row:
    return posting.waiting("signed", public_id, scope=mailbox.declaration.id, mailbox=mailbox.key, language=language)


def _told(signature: dict[str, Any]) -> list[Row]:
    declaration_id, partner = signature["declaration_id"], signature["partner"]
    return notices.confirmed(signature["public_id"], declaration_id=declaration_id, partner=partner)


def _came(submission: Submission) -> dict[str, Any]:
    """Through what it came: a signature keeps the first, until it is withdrawn and given again."""
    return {"channel": submission.channel, "source": submission.source, "partner": submission.partner}


def _values(submission: Submission, statement: Statement) -> dict[str, Any]:
    """What a signature takes over from the submission and from its owner's corrections."""
    return {
        **vars(statement),
        "text_id": submission.text_id,
        "language": submission.language,
        "address": submission.address,
        "loose_mailbox": submission.loose_mailbox,
        "domain": submission.domain,
        "network": submission.network,
        "answers": submission.answers,
    }
