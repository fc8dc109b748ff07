"""What this room keeps of a person: handing it out, forgetting it, purging it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, delete, inspect, select, tuple_
from sqlalchemy.orm import selectinload

from petition import clock
from petition.accounts import trail
from petition.declarations.models import Declaration
from petition.extensions import Base, db
from petition.privacy import personal
from petition.privacy.keepers import PURGE_BATCH, Keeper, Person
from petition.signatures import consenting, forgetting, moderating, notices
from petition.signatures.counting import noted
from petition.signatures.disclosures import (
    BLOCKS,
    CONSENTS,
    CORRECTIONS,
    DECISIONS,
    DISCLOSES,
    LINKS,
    SIGNATURES,
    SUBMISSIONS,
    TRIES,
)
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import (
    CodeTry,
    Correction,
    MailBlock,
    MailedLink,
    Signature,
    Submission,
    Visibility,
)

Row = TypeVar("Row", Submission, MailedLink)

KEEP_SUBMISSIONS = timedelta(days=30)
KEEP_CORRECTIONS = timedelta(days=365)
"""Long enough to explain why a delivery says something else than the signature."""
DELETE_BATCH = 5_000
"""Rows that one statement deletes at most, so that no purge keeps others waiting."""
_PERSONAL = (
    "address", "mailbox", "loose_mailbox", "domain", "network", "affiliation", "role", "sector", "comment", "answers",
)  # fmt: skip


def access(person: Person) -> Mapping[str, Any]:
    mailbox = _mailbox(person)
    signature = mailbox.find_signature()
    block = mailbox.find_block()
    return {
        "declaration": mailbox.declaration.slug,
        "signature": signature and _signature(signature),
        "submissions": [SUBMISSIONS.of(row) for row in submissions_of(mailbox)],
        "mailed_links": [LINKS.of(row) for row in _all_of(MailedLink, mailbox)],
        "mail_refused": block is not None,
        "mail_block": block and BLOCKS.of(block),
        "code_tries": [TRIES.of(row) for row in _tries(mailbox)],
    }


def submissions_of(mailbox: Mailbox) -> Sequence[Submission]:
    """What was sent for this mailbox and is still kept, oldest first."""
    return sorted(_all_of(Submission, mailbox), key=lambda submission: submission.id)


def forget(person: Person) -> list[str]:
    """Withdraw the signature and leave an anonymous row; remove everything else. Returns what was erased."""
    mailbox = _mailbox(person)
    # Locked in the order in which confirming does it, or the two could wait for each other.
    mailbox.lock_submissions()
    signature = mailbox.lock_signature()
    # The block too: its owner could not lift it any more, and after an erasure one is new.
    for table in (Submission, MailedLink, MailBlock):
        db.session.execute(delete(table).where(table.mailbox == person.mailbox, table.declaration_id == person.scope))
    db.session.execute(delete(CodeTry).where(CodeTry.mailbox == person.mailbox))
    if signature is None:
        return []
    return [forget_signature(signature)]


def forget_signature(signature: Signature) -> str:
    """Withdraw this one and leave an anonymous row; it must be locked. Returns its public id."""
    if not signature.withdrawn:
        # Whoever hears of consents alone is told as well.
        consenting.end(signature)
        with noted(signature):
            signature.withdrawn_at = clock.now()
    forgetting.tell(signature)
    notices.forget(signature)
    _anonymise(signature)
    return signature.public_id


def forget_again(subject: str) -> bool:
    """Forget the person of this signature, if a backup has brought it back."""
    signature = db.session.scalar(
        select(Signature).where(Signature.public_id == subject, Signature.erased_at.is_(None))
    )
    if signature is None:
        return False
    if signature.mailbox is None:
        forget_signature(moderating.lock(subject))
    else:
        personal.forget(Person(scope=signature.declaration_id, mailbox=signature.mailbox))
    return True


def purge() -> int:
    """Remove submissions after 30 days, confirmed or not, corrections after a year, the links and tries that have
    run out, and persons from the signatures whose declaration closed longer ago than its retention. One batch of
    each.
    """
    oldest = clock.now() - KEEP_SUBMISSIONS
    removed = 0
    for table, condition in (
        (Submission, Submission.created_at < oldest),
        (MailedLink, MailedLink.expires_at < oldest),
        (CodeTry, CodeTry.tried_at < oldest),
        (Correction, Correction.corrected_at < clock.now() - KEEP_CORRECTIONS),
    ):
        removed += _delete_batch(table, condition)
    return removed + _purge_after_retention()


def _purge_after_retention() -> int:
    purged = 0
    for declaration in db.session.scalars(select(Declaration).where(Declaration.closes_at.is_not(None))):
        retention = timedelta(days=declaration.plan.retention_days)
        if declaration.closes_at is None or declaration.closes_at + retention > clock.now():
            continue
        # Submissions before signatures, as whoever confirms locks them.
        for table in (Submission, MailedLink, MailBlock):
            purged += _delete_batch(table, table.declaration_id == declaration.id)
        for signature in _persons_of(declaration):
            _anonymise(signature)
            purged += 1
        if purged >= PURGE_BATCH:
            break
    return purged


def _persons_of(declaration: Declaration) -> Iterable[Signature]:
    """A batch of the signatures that still name somebody, locked; found by their index, however many do not."""
    theirs = select(Signature).where(Signature.declaration_id == declaration.id).limit(PURGE_BATCH)
    yield from _locked(theirs.where(Signature.mailbox > b"").order_by(Signature.mailbox))
    # Who signed on paper may have given no address.
    yield from _locked(theirs.where(Signature.mailbox.is_(None), Signature.erased_at.is_(None)).order_by(Signature.id))


def _locked(batch: Select[Signature]) -> Iterable[Signature]:
    parts = (Signature.consents, Signature.corrections, Signature.decisions)
    batch = batch.options(*(selectinload(part) for part in parts))
    return db.session.scalars(batch.with_for_update(of=Signature)).all()


def _delete_batch(table: type[Base], condition: ColumnElement[bool]) -> int:
    key = inspect(table).primary_key
    batch = select(*key).where(condition).limit(DELETE_BATCH)
    statement = delete(table).where(tuple_(*key).in_(batch)).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


KEEPER = Keeper("signatures", access=access, forget=forget, purge=purge, forget_again=forget_again, discloses=DISCLOSES)


def _mailbox(person: Person) -> Mailbox:
    return Mailbox(db.session.get_one(Declaration, person.scope), person.mailbox)


def _anonymise(signature: Signature) -> None:
    """Leave what a recount needs; whether the signature counts does not change."""
    if not signature.withdrawn:
        # Withdrawn and signed again within an hour would, cut to it, look withdrawn.
        signature.withdrawn_at = None
    # Of the times only the hour stays; an exact one could be matched with somebody's mail.
    for column in ("created_at", "confirmed_at", "withdrawn_at"):
        moment = getattr(signature, column)
        setattr(signature, column, moment and clock.hour_of(moment))
    signature.erased_at = clock.now()
    signature.name = ""
    signature.visibility = Visibility.COUNTED
    for column in _PERSONAL:
        setattr(signature, column, None)
    signature.consents.clear()
    signature.corrections.clear()
    signature.decisions.clear()
    # What staff wrote about this person when they decided.
    trail.empty(subject=signature.public_id)


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        **SIGNATURES.of(signature),
        "consents": [CONSENTS.of(consent) for consent in signature.consents],
        "corrections": [CORRECTIONS.of(correction) for correction in signature.corrections],
        "decisions": [DECISIONS.of(decision) for decision in signature.decisions],
    }


def _all_of(table: type[Row], mailbox: Mailbox) -> Sequence[Row]:
    mine = table.mailbox == mailbox.key, table.declaration_id == mailbox.declaration.id
    return db.session.scalars(select(table).where(*mine).order_by(table.created_at)).all()


def _tries(mailbox: Mailbox) -> Sequence[CodeTry]:
    """Tries name no declaration: whoever types a code need not say which one it is for."""
    return db.session.scalars(select(CodeTry).where(CodeTry.mailbox == mailbox.key).order_by(CodeTry.id)).all()
