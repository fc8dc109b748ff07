"""Tell other machines that a signature counts, counts no more, or may be given to a partner: each whom it concerns."""

from collections.abc import Iterable

from petition.declarations.notices import ORGANISERS
from petition.partners import notices as partners
from petition.signatures.models import Channel, Consent, Signature
from petition.storing import Row
from petition.webhooks import telling

CONFIRMED = "signature.confirmed"
WITHDRAWN = "signature.withdrawn"
CONSENT_GIVEN = "consent.given"
CONSENT_WITHDRAWN = "consent.withdrawn"
_BEGINNINGS, _ENDS = (CONFIRMED, CONSENT_GIVEN), (WITHDRAWN, CONSENT_WITHDRAWN)


def confirmed(public_id: str, *, declaration_id: int, partner: str) -> list[Row]:
    """Rows to be inserted together with the signature; none where nobody listens."""
    return telling.rows(CONFIRMED, public_id, scope=declaration_id, owners=[ORGANISERS, *_partners([partner])])


def tell_counted(signature: Signature) -> None:
    """Tell that it counts from now on. It goes out if the caller commits; so with all of these."""
    owners = _concerned(signature, (each for each in signature.consents if each.withdrawn_at is None))
    telling.tell(CONFIRMED, signature.public_id, scope=signature.declaration_id, owners=owners)


def tell_uncounted(signature: Signature) -> None:
    """Tell that it counts no more, whatever the reason: whoever was told of it, and nobody else."""
    telling.tell_end(
        WITHDRAWN,
        signature.public_id,
        scope=signature.declaration_id,
        owners=_concerned(signature, signature.consents),
        beginnings=_BEGINNINGS,
        since=signature.created_at,
    )


def lock(signatures: Iterable[Signature]) -> None:
    """Before many, whose rows are locked, count or count no more in one transaction; of one nothing is needed."""
    telling.lock([signature.public_id for signature in signatures])


def tell_consent(event: str, signature: Signature, consent: Consent) -> None:
    """Tell the partner whom the signatory agreed to hear from, and nobody else; of other consents nobody is told."""
    if consent.partner:
        theirs = (partners.owner(consent.partner),)
        telling.tell(event, signature.public_id, scope=signature.declaration_id, owners=theirs)


def forget(signature: Signature) -> None:
    """Its person is forgotten: remove what was told of it, but for word of its end and its consents' that waits."""
    telling.forget(signature.public_id, but=_ENDS)


def _concerned(signature: Signature, consents: Iterable[Consent]) -> list[str]:
    """The owners who hear of it. Of what was given on paper they are those alone who were agreed to since."""
    agreed = _partners(each.partner for each in consents)
    return agreed if signature.channel == Channel.PAPER else [ORGANISERS, *_partners([signature.partner]), *agreed]


def _partners(slugs: Iterable[str | None]) -> list[str]:
    return [partners.owner(slug) for slug in slugs if slug]
