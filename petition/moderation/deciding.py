"""Decide about many at once, for one reason: signatures and endorsements, each by its own room's verb."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from enum import StrEnum

from petition.accounts import trail
from petition.declarations.models import Declaration
from petition.endorsements import deciding as endorsements_deciding
from petition.endorsements.models import Endorsement
from petition.endorsements.refusals import Refusal as EndorsementRefusal
from petition.moderation.refusals import NothingChosen
from petition.signatures import acts as signature_acts
from petition.signatures import moderating, notices
from petition.signatures.models import Signature, Verdict
from petition.signatures.refusals import Erased, SignatureUnknown, WithdrawnByOwner

MOST = 100
"""As many as one page shows; whoever posts more has made them up."""


class Ruling(StrEnum):
    """An organiser's yes or no to an endorsement."""

    APPROVED = "approved"
    DECLINED = "declined"


OPPOSITE = {Ruling.APPROVED: Ruling.DECLINED, Ruling.DECLINED: Ruling.APPROVED}


def decide(
    declaration: Declaration, ids: Collection[str], verdict: Verdict, *, reason: str, by: str
) -> list[Signature]:
    """Those of these signatures that the decision has changed; what is gone or withdrawn meanwhile is passed over.

    Every one is entered into the trail. Raises NothingChosen, NoReason and ReasonRefused.
    """
    reason = moderating.clean_reason(reason)
    signatures = _lock(declaration, ids)
    changed = []
    for signature in signatures:
        with suppress(WithdrawnByOwner, Erased):
            if moderating.decide(signature, verdict, reason=reason, by=by):
                changed.append(signature)
    # Last, because until the commit nobody else can enter anything into the trail.
    for signature in changed:
        signature_acts.decided(signature, verdict, reason=reason)
    return changed


def rule(declaration: Declaration, ids: Collection[str], ruling: Ruling, *, reason: str) -> list[Endorsement]:
    """The same about endorsements; the persons responsible are told by mail.

    Raises NothingChosen, NoReason and ReasonRefused.
    """
    reason = moderating.clean_reason(reason)
    changed = []
    for public_id in _in_order(ids):
        try:
            endorsement = endorsements_deciding.get(public_id, declaration=declaration)
            if str(endorsement.state) == ruling:
                continue
            if ruling is Ruling.APPROVED:
                endorsements_deciding.approve(public_id, reason=reason)
            else:
                endorsements_deciding.decline(public_id, reason=reason)
        except EndorsementRefusal:
            continue
        changed.append(endorsement)
    for endorsement in changed:
        trail.record(f"endorsement.{ruling}", scope=declaration.id, subject=endorsement.public_id, why=reason)
    return changed


def _lock(declaration: Declaration, ids: Collection[str]) -> list[Signature]:
    """Those of these that are there: first every signature, then what was told of them."""
    found = []
    for public_id in _in_order(ids):
        with suppress(SignatureUnknown):
            found.append(moderating.lock(public_id, declaration=declaration))
    notices.lock(found)
    return found


def _in_order(ids: Iterable[str]) -> list[str]:
    """In one order everywhere, so that no two who decide wait for each other."""
    chosen = sorted(set(ids))
    if not chosen:
        raise NothingChosen
    return chosen[:MOST]
