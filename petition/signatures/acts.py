"""What staff does with signatures, as the audit trail calls it."""

from flask_babel import LazyString, lazy_gettext

from petition.accounts import trail
from petition.declarations.models import Declaration
from petition.signatures.models import Signature, Verdict

ACTS: dict[str, LazyString] = {
    "signature.held": lazy_gettext("Signature held"),
    "signature.approved": lazy_gettext("Signature approved"),
    "signature.invalidated": lazy_gettext("Signature invalidated"),
    "signature.reinstated": lazy_gettext("Signature reinstated"),
    "signature.address_shown": lazy_gettext("Email address looked at"),
    "signatures.looked_up": lazy_gettext("Looked up by email address"),
    "signature.erased": lazy_gettext("Signature erased on request"),
    "submission.resent": lazy_gettext("Request to confirm sent again"),
}


def decided(signature: Signature, verdict: Verdict, *, reason: str) -> None:
    """Enter a decision into the trail; it stands if the caller commits."""
    trail.record(f"signature.{verdict}", scope=signature.declaration_id, subject=signature.public_id, why=reason)


def erased(signature: Signature, *, asked: str) -> None:
    """Enter that somebody was forgotten because they asked for it, and how; this stays, so it names nobody."""
    trail.record("signature.erased", scope=signature.declaration_id, subject=signature.public_id, asked=asked)


def looked_up(declaration: Declaration, subject: str, *, found: int) -> None:
    """Enter that staff looked for what belongs to an address: under which declaration, and what was found.

    The address is no part of it: of a person unknown here it could never be emptied.
    """
    trail.record("signatures.looked_up", scope=declaration.id, subject=subject, found=found)
