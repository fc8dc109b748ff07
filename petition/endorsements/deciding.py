"""Decide: an organiser approves or declines an endorsement; deciding otherwise later adds a fact."""

from sqlalchemy import select

from petition import clock
from petition.declarations.models import Declaration
from petition.endorsements.confirming import post_thanks
from petition.endorsements.counting import noted
from petition.endorsements.models import Decision, Endorsement, State
from petition.endorsements.refusals import EndorsementUnknown, Withdrawn
from petition.extensions import db


def approve(public_id: str, *, reason: str = "") -> Endorsement:
    """Show and count it from now on, and thank the person responsible; twice is once.

    Raises EndorsementUnknown and Withdrawn.
    """
    endorsement = _lock(public_id)
    if endorsement.state is State.APPROVED:
        return endorsement
    with noted(endorsement):
        endorsement.approved_at = clock.now()
    endorsement.decisions.append(Decision(verdict="approved", reason=reason, decided_at=clock.now()))
    # After the retention there is nobody left to be thanked.
    if endorsement.mailbox is not None:
        post_thanks(endorsement, "endorsement-approved")
    return endorsement


def decline(public_id: str, *, reason: str) -> Endorsement:
    """Neither show nor count it; the person responsible is told why by mail, and under the personal link.

    Declining again, for another reason, is told again. Raises EndorsementUnknown and Withdrawn.
    """
    endorsement = _lock(public_id)
    with noted(endorsement):
        endorsement.declined_at = clock.now()
    endorsement.decisions.append(Decision(verdict="declined", reason=reason, decided_at=clock.now()))
    if endorsement.mailbox is not None:
        post_thanks(endorsement, "endorsement-declined")
    return endorsement


def get(public_id: str, *, declaration: Declaration) -> Endorsement:
    """The one of this id under this declaration, locked. Raises EndorsementUnknown and Withdrawn."""
    endorsement = _lock(public_id)
    if endorsement.declaration_id != declaration.id:
        raise EndorsementUnknown
    return endorsement


def _lock(public_id: str) -> Endorsement:
    # A shell may hand over bytes that no database takes.
    if not public_id.isascii():
        raise EndorsementUnknown
    query = select(Endorsement).where(Endorsement.public_id == public_id).with_for_update(of=Endorsement)
    endorsement = db.session.scalar(query.execution_options(populate_existing=True))
    if endorsement is None:
        raise EndorsementUnknown
    if endorsement.withdrawn:
        raise Withdrawn
    return endorsement
