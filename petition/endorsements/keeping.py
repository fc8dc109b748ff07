"""What this room keeps of the person responsible: handing it out, forgetting it, purging it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from petition import clock
from petition.accounts import trail
from petition.declarations.models import Declaration
from petition.endorsements.counting import noted
from petition.endorsements.disclosures import BLOCKS, DECISIONS, DISCLOSES, ENDORSEMENTS, LINKS, SUBMISSIONS
from petition.endorsements.mailboxes import Mailbox
from petition.endorsements.models import (
    Endorsement,
    EndorsementBlock,
    EndorsementLink,
    EndorsementSubmission,
)
from petition.extensions import Base, db
from petition.privacy import personal
from petition.privacy.keepers import PURGE_BATCH, Keeper, Person

Row = TypeVar("Row", EndorsementSubmission, EndorsementLink)

KEEP_SUBMISSIONS = timedelta(days=30)
_OF_PERSONS = (EndorsementSubmission, EndorsementLink, EndorsementBlock)


def access(person: Person) -> Mapping[str, Any]:
    mailbox = _mailbox(person)
    endorsement, block = mailbox.find_endorsement(), mailbox.find_block()
    return {
        "declaration": mailbox.declaration.slug,
        "endorsement": endorsement and _endorsement(endorsement),
        "submissions": [SUBMISSIONS.of(row) for row in _all_of(EndorsementSubmission, mailbox)],
        "mailed_links": [LINKS.of(row) for row in _all_of(EndorsementLink, mailbox)],
        "mail_refused": block is not None,
        "mail_block": block and BLOCKS.of(block),
    }


def forget(person: Person) -> list[str]:
    """Withdraw the endorsement and leave an anonymous row; remove everything else. Returns what was erased."""
    mailbox = _mailbox(person)
    # Locked in the order in which confirming does it, or the two could wait for each other.
    mailbox.lock_submissions()
    endorsement = mailbox.lock_endorsement()
    for table in _OF_PERSONS:
        db.session.execute(delete(table).where(table.mailbox == person.mailbox, table.declaration_id == person.scope))
    if endorsement is None:
        return []
    with noted(endorsement):
        if not endorsement.withdrawn:
            endorsement.withdrawn_at = clock.now()
        endorsement.organisation = endorsement.site = ""
        _anonymise(endorsement)
    return [endorsement.public_id]


def forget_again(subject: str) -> bool:
    """Forget the person of this endorsement, if a backup has brought it back."""
    named = Endorsement.public_id == subject, Endorsement.mailbox.is_not(None)
    endorsement = db.session.scalar(select(Endorsement).where(*named))
    if endorsement is None or endorsement.mailbox is None:
        return False
    personal.forget(Person(scope=endorsement.declaration_id, mailbox=endorsement.mailbox))
    return True


def purge() -> int:
    """Remove submissions after 30 days, links that have run out, and persons from the endorsements whose
    declaration closed longer ago than its retention; the organisation stays. One batch of each.
    """
    oldest = clock.now() - KEEP_SUBMISSIONS
    removed = _delete_batch(EndorsementSubmission, EndorsementSubmission.created_at < oldest)
    removed += _delete_batch(EndorsementLink, EndorsementLink.expires_at < oldest)
    for declaration in db.session.scalars(select(Declaration).where(Declaration.closes_at.is_not(None))):
        retention = timedelta(days=declaration.plan.retention_days)
        if declaration.closes_at is not None and declaration.closes_at + retention <= clock.now():
            removed += _purge_persons(declaration)
    return removed


KEEPER = Keeper(
    "endorsements", access=access, forget=forget, purge=purge, forget_again=forget_again, discloses=DISCLOSES
)


def _purge_persons(declaration: Declaration) -> int:
    # Submissions before endorsements, as whoever confirms locks them.
    purged = sum(_delete_batch(table, table.declaration_id == declaration.id) for table in _OF_PERSONS)
    for endorsement in _persons_of(declaration):
        _anonymise(endorsement)
        purged += 1
    return purged


def _persons_of(declaration: Declaration) -> Iterable[Endorsement]:
    """A batch of the endorsements that still name somebody, locked."""
    named = Endorsement.declaration_id == declaration.id, Endorsement.mailbox > b""
    batch = select(Endorsement).where(*named).order_by(Endorsement.mailbox).limit(PURGE_BATCH)
    return db.session.scalars(batch.with_for_update(of=Endorsement))


def _delete_batch(table: type[Base], condition: ColumnElement[bool]) -> int:
    key = inspect(table).primary_key
    batch = select(*key).where(condition).limit(PURGE_BATCH)
    statement = delete(table).where(tuple_(*key).in_(batch)).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _mailbox(person: Person) -> Mailbox:
    return Mailbox(db.session.get_one(Declaration, person.scope), person.mailbox)


def _anonymise(endorsement: Endorsement) -> None:
    """Take the person out of it; whether the endorsement counts does not change."""
    # Cut to their hours, times of one hour would be the same, and an undone fact would hold again.
    if endorsement.counted and not endorsement.withdrawn:
        endorsement.declined_at = endorsement.withdrawn_at = None
    else:
        endorsement.approved_at = None
    # Of the times only the hour stays; an exact one could be matched with somebody's mail.
    for column in ("created_at", "confirmed_at", "approved_at", "declined_at", "withdrawn_at"):
        moment = getattr(endorsement, column)
        setattr(endorsement, column, moment and clock.hour_of(moment))
    endorsement.erased_at = clock.now()
    # What staff wrote about it when they decided.
    trail.empty(subject=endorsement.public_id)
    endorsement.person = endorsement.role = ""
    endorsement.address = endorsement.mailbox = None
    endorsement.consents = []
    endorsement.decisions.clear()


def _endorsement(endorsement: Endorsement) -> dict[str, Any]:
    return {**ENDORSEMENTS.of(endorsement), "decisions": [DECISIONS.of(each) for each in endorsement.decisions]}


def _all_of(table: type[Row], mailbox: Mailbox) -> Sequence[Row]:
    mine = table.mailbox == mailbox.key, table.declaration_id == mailbox.declaration.id
    return db.session.scalars(select(table).where(*mine).order_by(table.created_at)).all()
