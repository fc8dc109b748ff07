"""Tell other machines that a signature counts, counts no more, or may be given to a partner: each whom it concerns."""

from collections.abc import Collection

from petition.declarations.notices import ORGANISERS
from petition.partners import notices as partners
from petition.signatures.models import Channel, Consent, Signature
from petition.storing import Row
from petition.webhooks import telling

CONFIRMED = "signature.confirmed"
WITHDRAWN = "signature.withdrawn"
CONSENT_GIVEN = "consent.given"
CONSENT_WITHDRAWN = "consent.withdrawn"


def confirmed(public_id: str, *, declaration_id: int, partner: str) -> list[Row]:
    """Rows to be inserted together with the signature; none where nobody listens."""
    return telling.rows(CONFIRMED, public_id, scope=declaration_id, owners=_owners([partner]))


def tell_counted(signature: Signature) -> None:
    """Tell that it counts from now on. It goes out if the caller commits; so with all of these."""
    if signature.channel != Channel.PAPER:
        agreed = [each.partner or "" for each in signature.consents if each.withdrawn_at is None]
        owners = _owners([signature.partner, *agreed])
        telling.tell(CONFIRMED, signature.public_id, scope=signature.declaration_id, owners=owners)


def tell_uncounted(signature: Signature) -> None:
    """Tell that it counts no more, whatever the reason: whoever was told of it, and nobody else."""
    if signature.channel != Channel.PAPER:
        owners = _owners([signature.partner, *(each.partner or "" for each in signature.consents)])
        telling.tell_end(WITHDRAWN, signature.public_id, scope=signature.declaration_id, owners=owners)


def tell_consent(event: str, signature: Signature, consent: Consent) -> None:
    """Tell the partner whom the signatory agreed to hear from, and nobody else; of other consents nobody is told."""
    if consent.partner:
        theirs = (partners.owner(consent.partner),)
        telling.tell(event, signature.public_id, scope=signature.declaration_id, owners=theirs)


def forget(signature: Signature) -> None:
    """Its person is forgotten: remove what was told of it, but for word that still waits that it counts no more."""
    telling.forget(signature.public_id, but=WITHDRAWN)


def _owners(slugs: Collection[str]) -> list[str]:
    return [ORGANISERS, *(partners.owner(slug) for slug in slugs if slug)]
