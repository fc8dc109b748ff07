"""Confirm: the mailbox's owner makes a submission their signature."""

import hmac
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from sqlalchemy import func, select

from petition import addresses, clock, keys
from petition.addresses import AddressRefused
from petition.columns import new_public_id
from petition.extensions import db, insert_into
from petition.outbox import posting
from petition.signatures import signing
from petition.signatures.counting import noted
from petition.signatures.mailboxes import CONFIRM_WITHIN, Mailbox
from petition.signatures.models import CodeTry, Consent, Signature, Submission
from petition.signatures.refusals import Closed, CodeRefused, LinkUnknown
from petition.signatures.statements import Statement

AFTER_CLOSING = timedelta(hours=24)
"""How long confirmation links go on working when the form has closed."""
MOST_TRIES = 5
"""Codes that may be typed for one address since its newest mail."""
REQUIRED = "agree"
"""The consent without which there is no signature; it ends with the signature."""


def confirm(mailbox: Mailbox, submission_id: str, statement: Statement, *, consents: Collection[str]) -> Signature:
    """Make the signature, or update it, from the submission that was shown; twice is once.

    ``statement`` and ``consents`` are what the owner left standing or corrected. An invalidated signature
    stays invalidated. Raises Closed, and LinkUnknown when the submission is gone.
    """
    refuse_if_over(mailbox)
    submission = mailbox.find_submission(submission_id)
    if submission is None:
        raise LinkUnknown
    signature = mailbox.lock_signature()
    if submission.confirmed_at is not None and signature is not None:
        return signature
    signature = signature or _make(mailbox, submission)
    with noted(signature):
        _take_over(signature, submission, statement)
    # Agreed to in the words that were shown, whatever the declaration says by now.
    agreed = [entry for entry in submission.consents if entry["purpose"] == REQUIRED]
    end_consents(signature, but=[REQUIRED, *consents])
    give_consents(signature, [*agreed, *signing.worded(submission.text, consents)])
    submission.confirmed_at = clock.now()
    posting.post(
        "signed", signature.public_id, scope=mailbox.declaration.id, mailbox=mailbox.key, language=signature.language
    )
    return signature


def refuse_if_over(mailbox: Mailbox) -> None:
    """Raises Closed when even the time for late confirmations has passed."""
    if is_over(mailbox):
        raise Closed


def is_over(mailbox: Mailbox) -> bool:
    """Whether even late confirmations come too late."""
    closes_at = mailbox.declaration.closes_at
    return closes_at is not None and clock.now() >= closes_at + AFTER_CLOSING


def try_code(typed_address: str, typed_code: str) -> Mailbox:
    """The mailbox whose newest submission this code was mailed for. Raises CodeRefused, whatever is wrong.

    It commits the try before it looks, so that of many tries at once no more than five can count, and it
    does so for every address, so that nothing tells which ones have signed.
    """
    mailbox_key = _mailbox_key(typed_address)
    db.session.add(CodeTry(mailbox=mailbox_key, tried_at=clock.now()))
    db.session.commit()
    expected = {submission: submission.code_hash for submission in _newest_mailed(mailbox_key)}
    digits = "".join(char for char in typed_code if char.isdigit())
    for submission, code_hash in expected.items():
        if code_hash and hmac.compare_digest(hash_code(submission, digits), code_hash) and _may_try(submission):
            return Mailbox(submission.text.declaration, mailbox_key)
    raise CodeRefused


def hash_code(submission: Submission, code: str) -> bytes:
    """How a code is kept: a keyed hash, good for one submission."""
    return keys.ring().lookup("code", f"{submission.public_id} {code}")


def give_consents(signature: Signature, given: Iterable[Mapping[str, str]]) -> None:
    """Record each consent in the words that were shown; one that stands in these very words stays as it is."""
    standing = {(consent.purpose, consent.wording) for consent in signature.consents if not consent.withdrawn_at}
    for entry in given:
        if (entry["purpose"], entry["wording"]) not in standing:
            signature.consents.append(Consent(given_at=clock.now(), **entry))


def end_consents(signature: Signature, *, but: Collection[str] = ()) -> None:
    """Record the end of every consent that stands, in whatever words, except for these purposes."""
    for consent in signature.consents:
        if consent.withdrawn_at is None and consent.purpose not in but:
            consent.withdrawn_at = clock.now()


def _make(mailbox: Mailbox, submission: Submission) -> Signature:
    """The mailbox's one row: made here, or by whoever confirmed at the same moment."""
    row = insert_into(Signature).values(
        public_id=new_public_id(),
        declaration_id=mailbox.declaration.id,
        text_id=submission.text_id,
        mailbox=mailbox.key,
        name="",
        country=submission.country,
        visibility=submission.visibility,
        language=submission.language,
        channel=submission.channel,
        source=submission.source,
        created_at=submission.created_at,
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["declaration_id", "mailbox"]))
    signature = mailbox.lock_signature()
    assert signature is not None, "the row that was just made is there"
    return signature


def _take_over(signature: Signature, submission: Submission, statement: Statement) -> None:
    statement.put_into(signature)
    signature.text_id = submission.text_id
    signature.language = submission.language
    signature.address = submission.address
    signature.loose_mailbox = submission.loose_mailbox
    signature.domain = submission.domain
    signature.network = submission.network
    signature.answers = submission.answers
    if signature.confirmed_at is None or signature.withdrawn:
        signature.confirmed_at = clock.now()


def _mailbox_key(typed_address: str) -> bytes:
    try:
        canonical = addresses.parse(typed_address).canonical
    except AddressRefused:
        canonical = typed_address
    return keys.ring().lookup("mailbox", canonical)


def _newest_mailed(mailbox_key: bytes) -> list[Submission]:
    """For each declaration, the newest submission of this mailbox that a code was mailed for."""
    newest = (
        select(func.max(Submission.id))
        .where(Submission.mailbox == mailbox_key, Submission.code_hash.is_not(None))
        .where(Submission.mailed_at > clock.now() - CONFIRM_WITHIN)
        .group_by(Submission.declaration_id)
    )
    return list(db.session.scalars(select(Submission).where(Submission.id.in_(newest))))


def _may_try(submission: Submission) -> bool:
    tries = select(func.count()).where(CodeTry.mailbox == submission.mailbox, CodeTry.tried_at > submission.mailed_at)
    return (db.session.scalar(tries) or 0) <= MOST_TRIES
