"""Moderate: staff holds a signature or lets it count, invalidates it or reinstates it, each for a reason."""

from datetime import datetime, timedelta

from sqlalchemy import select

from petition import clock, names
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.names import NameRefused
from petition.signatures.counting import noted
from petition.signatures.models import Signature, SignatureDecision, Verdict
from petition.signatures.refusals import Erased, NoReason, ReasonRefused, SignatureUnknown, WithdrawnByOwner

LONGEST_REASON = 300
OPPOSITE = {
    Verdict.HELD: Verdict.APPROVED,
    Verdict.APPROVED: Verdict.HELD,
    Verdict.INVALIDATED: Verdict.REINSTATED,
    Verdict.REINSTATED: Verdict.INVALIDATED,
}
"""What undoes each decision."""
_LATER = timedelta(microseconds=1)


def hold(signature: Signature, *, reason: str, by: str | None = None) -> bool:
    """Count and show it only when somebody has looked at it."""
    return decide(signature, Verdict.HELD, reason=reason, by=by)


def approve(signature: Signature, *, reason: str, by: str | None = None) -> bool:
    """Let what was held count."""
    return decide(signature, Verdict.APPROVED, reason=reason, by=by)


def invalidate(signature: Signature, *, reason: str, by: str | None = None) -> bool:
    """Set it aside; it stays so even if its owner signs again."""
    return decide(signature, Verdict.INVALIDATED, reason=reason, by=by)


def reinstate(signature: Signature, *, reason: str, by: str | None = None) -> bool:
    """Let what was invalidated count again, unless it is held."""
    return decide(signature, Verdict.REINSTATED, reason=reason, by=by)


def decide(signature: Signature, verdict: Verdict, *, reason: str, by: str | None = None) -> bool:
    """Add the fact, the decision and what they do to the count; False where it was so already: twice is once.

    ``by`` is the public id of an account. The signature must be locked. Raises NoReason, ReasonRefused, Erased
    and WithdrawnByOwner.
    """
    reason = clean_reason(reason)
    if signature.erased_at is not None:
        raise Erased
    if signature.withdrawn:
        raise WithdrawnByOwner
    if not is_open_to(signature, verdict):
        return False
    with noted(signature):
        _add_fact(signature, verdict)
    signature.decisions.append(
        SignatureDecision(verdict=verdict, reason=reason, by=by, decided_at=clock.now()),
    )
    return True


def is_open_to(signature: Signature, verdict: Verdict) -> bool:
    """Whether this decision would change anything."""
    if signature.erased_at is not None or signature.withdrawn:
        return False
    return {
        Verdict.HELD: not signature.held,
        Verdict.APPROVED: signature.held,
        Verdict.INVALIDATED: not signature.invalidated,
        Verdict.REINSTATED: signature.invalidated,
    }[verdict]


def lock(public_id: str, *, declaration: Declaration | None = None) -> Signature:
    """The signature of this id, read afresh and locked until the transaction ends. Raises SignatureUnknown."""
    # A shell may hand over bytes that no database takes.
    if not public_id.isascii() or "\0" in public_id:
        raise SignatureUnknown
    query = select(Signature).where(Signature.public_id == public_id)
    if declaration is not None:
        query = query.where(Signature.declaration_id == declaration.id)
    locked = query.with_for_update(of=Signature).execution_options(populate_existing=True)
    signature = db.session.scalar(locked)
    if signature is None:
        raise SignatureUnknown
    return signature


def clean_reason(reason: str) -> str:
    """Raises NoReason and ReasonRefused."""
    try:
        cleaned = names.clean(" ".join(reason.split()), most=LONGEST_REASON)
    except NameRefused as refusal:
        raise ReasonRefused(refusal.reason) from refusal
    if not cleaned:
        raise NoReason
    return cleaned


def _add_fact(signature: Signature, verdict: Verdict) -> None:
    undone: datetime | None = getattr(signature, f"{OPPOSITE[verdict]}_at")
    # Two decisions of one moment, by two machines' clocks or a test's: the later one must read as later.
    at = clock.now() if undone is None else max(clock.now(), undone + _LATER)
    setattr(signature, f"{verdict}_at", at)
