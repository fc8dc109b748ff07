"""Consents of a signature: each in the words that were shown; given, and ended by a later time."""

from collections.abc import Collection, Iterable

from petition import clock
from petition.signatures import notices
from petition.signatures.models import Consent, Signature
from petition.signatures.signing import Worded

REQUIRED = "agree"
"""The consent without which there is no signature; it ends with the signature."""


def give(signature: Signature, given: Iterable[Worded]) -> None:
    """Record each consent in the words that were shown; one that stands in these very words stays as it is."""
    standing = {(consent.purpose, consent.wording) for consent in signature.consents if not consent.withdrawn_at}
    for entry in given:
        if (entry["purpose"], entry["wording"]) not in standing:
            consent = Consent(given_at=clock.now(), **entry)
            signature.consents.append(consent)
            notices.tell_consent(notices.CONSENT_GIVEN, signature, consent)


def end(signature: Signature, *, but: Collection[str] = ()) -> None:
    """Record the end of every consent that stands, in whatever words, except for these purposes."""
    for consent in signature.consents:
        if consent.withdrawn_at is None and consent.purpose not in but:
            consent.withdrawn_at = clock.now()
            notices.tell_consent(notices.CONSENT_WITHDRAWN, signature, consent)
