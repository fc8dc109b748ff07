"""Who may be given to a partner, and what it then knows of them: one rule for its lists and for its webhooks."""

from sqlalchemy import ColumnElement

from petition.signatures.consenting import PARTNER
from petition.signatures.models import Consent, Signature, Visibility


def to(slug: str) -> tuple[ColumnElement[bool], ...]:
    """Of consents joined with their signatures: those by which this very partner may be given the person."""
    agreed = (Consent.partner == slug, Consent.purpose == PARTNER, Consent.withdrawn_at.is_(None))
    return (*agreed, Signature.counted.is_(True), Signature.address.is_not(None))


def standing(signature: Signature, slug: str) -> Consent | None:
    """The same of one signature: the consent in the words that were agreed to last; None where there is none."""
    if not signature.counted or signature.address is None:
        return None
    agreed = (each for each in signature.consents if each.partner == slug and each.purpose == PARTNER)
    return next((each for each in reversed(list(agreed)) if each.withdrawn_at is None), None)


def name(name: str, visibility: str) -> str | None:
    """Whoever gives the number alone is named to nobody, to a partner neither."""
    return None if visibility == Visibility.COUNTED else name
