"""Enter: a signature that was given on paper becomes one here, counted on the day that stands on the sheet."""

from sqlalchemy import select

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.paper import comparing, days, inserting
from petition.paper.entries import Entry, Ready
from petition.paper.refusals import AlreadySigned


def enter(declaration: Declaration, entry: Entry, *, knowingly: bool = False) -> str:
    """Make the signature; returns its public id.

    The sheet is the proof, so nothing is confirmed by mail; but who gave an address is mailed the personal link,
    because they must be able to look after what somebody typed for them. Who has the name and the country of
    somebody who is there may be the same person: that must be overridden ``knowingly``; the same address never is.
    The declaration must be locked. Raises Closed, InTheFuture, NotOpenThen, AlreadySigned, WithdrewBefore and
    PerhapsSigned.
    """
    days.check(declaration, entry.signed_on)
    ready = Ready.make(declaration, entry)
    comparing.find(declaration, [ready.likeness]).refuse(ready.likeness, knowingly=knowingly)
    if not inserting.insert([ready]):
        # Somebody confirmed this address since it was looked for: signing goes on meanwhile.
        raise AlreadySigned
    return ready.public_id


def lock(declaration: Declaration) -> None:
    """Let nobody else enter for this declaration until the transaction ends; on PostgreSQL signing goes on."""
    query = select(Declaration.id).where(Declaration.id == declaration.id)
    db.session.execute(query.with_for_update(key_share=True)).all()
