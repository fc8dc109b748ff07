"""Consents of a signature: each in the words that were shown; given, and ended by a later time."""

from collections.abc import Collection, Iterable

from petition import clock
from petition.signatures import notices
from petition.signatures.models import Consent, Signature
from petition.signatures.signing import Worded

REQUIRED = "agree"
"""The consent without which there is no signature; it ends with the signature."""
PARTNER = "partner"
"""The purpose of a partner's consent, which names the partner: to be given this person."""


def give(signature: Signature, given: Iterable[Worded]) -> None:
    """Record each consent in the words that were shown; one that stands in these very words stays as it is."""
    standing = {(each.purpose, each.wording, each.partner) for each in signature.consents if not each.withdrawn_at}
    for entry in given:
        if (entry["purpose"], entry["wording"], entry.get("partner")) not in standing:
            consent = Consent(given_at=clock.now(), **entry)
            signature.consents.append(consent)
            notices.tell_consent(notices.CONSENT_GIVEN, signature, consent)


def end(signature: Signature, *, but: Collection[str] = ()) -> None:
    """Record the end of every consent that stands, in whatever words, except for these purposes."""
    for consent in signature.consents:
        if consent.withdrawn_at is None and consent.purpose not in but:
            consent.withdrawn_at = clock.now()
            notices.tell_consent(notices.CONSENT_WITHDRAWN, signature, consent)


def end_partners(signature: Signature, slug: str) -> None:
    """Record the end of what was agreed with this partner, in whatever words; twice is once."""
    for consent in partners_of(signature):
        if consent.partner == slug:
            consent.withdrawn_at = clock.now()
            notices.tell_consent(notices.CONSENT_WITHDRAWN, signature, consent)


def partners_of(signature: Signature) -> list[Consent]:
    """The partners' consents that stand."""
    return [each for each in signature.consents if each.purpose == PARTNER and each.withdrawn_at is None]
