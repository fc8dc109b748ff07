"""Tell other machines that somebody signed, withdrew, or agreed to hear from a partner: each whom it concerns."""

from collections.abc import Collection

from petition.declarations.notices import ORGANISERS
from petition.partners import notices as partners
from petition.signatures.models import Consent, Signature
from petition.storing import Row
from petition.webhooks import telling

CONFIRMED = "signature.confirmed"
WITHDRAWN = "signature.withdrawn"
CONSENT_GIVEN = "consent.given"
CONSENT_WITHDRAWN = "consent.withdrawn"


def confirmed(public_id: str, *, declaration_id: int, partner: str) -> list[Row]:
    """Rows to be inserted together with the signature; none where nobody listens."""
    return telling.rows(CONFIRMED, public_id, scope=declaration_id, owners=_owners([partner]))


def tell(event: str, signature: Signature) -> None:
    """Tell of a signature that was there before. It goes out if the caller commits."""
    concerned = [signature.partner, *(consent.partner or "" for consent in signature.consents)]
    telling.tell(event, signature.public_id, scope=signature.declaration_id, owners=_owners(concerned))


def tell_consent(event: str, signature: Signature, consent: Consent) -> None:
    """Tell the partner whom the signatory agreed to hear from, and nobody else; of other consents nobody is told."""
    if consent.partner:
        theirs = (partners.owner(consent.partner),)
        telling.tell(event, signature.public_id, scope=signature.declaration_id, owners=theirs)


def forget(signature: Signature) -> None:
    """Its person is forgotten: remove what was told of it, and tell that it was withdrawn, again where it was told.

    An erasure that follows a withdrawal may find that notice still waiting.
    """
    telling.forget(signature.public_id)
    tell(WITHDRAWN, signature)


def _owners(slugs: Collection[str]) -> list[str]:
    return [ORGANISERS, *(partners.owner(slug) for slug in slugs if slug)]
