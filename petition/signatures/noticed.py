"""What notices say of a signature: its id, and of the person only what they agreed that a partner hears."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from petition import clock, keys
from petition.declarations import notices as declarations
from petition.extensions import db
from petition.partners import notices as partners
from petition.partners import reading
from petition.partners.models import Partner
from petition.signatures import given
from petition.signatures.models import Signature
from petition.signatures.notices import CONFIRMED, CONSENT_GIVEN, CONSENT_WITHDRAWN, WITHDRAWN
from petition.webhooks.events import Composed, Event, NotDue
from petition.webhooks.failures import Unsent
from petition.webhooks.models import Notice


def compose(batch: Sequence[Notice]) -> list[Composed]:
    """The id by which every event names a signature.

    Neither name nor country nor visibility: whoever chose to be a number alone must stay one. Only a partner's own
    endpoint is told the person, and only while their consent to it stands. That it counts is told while it does, and
    that it counts no more while it does not.
    """
    found = _find([notice.reference for notice in batch])
    slugs = declarations.slugs(signature.declaration_id for signature in found.values())
    told = _partners({notice.endpoint.owner for notice in batch})
    return [_compose(notice, found.get(notice.reference), slugs, told) for notice in batch]


EVENTS = (
    Event(CONFIRMED, lazy_gettext("A signature counts"), compose),
    Event(WITHDRAWN, lazy_gettext("A signature counts no more"), compose),
    Event(CONSENT_GIVEN, lazy_gettext("Somebody agreed to hear from the partner"), compose, partners.KIND),
    Event(CONSENT_WITHDRAWN, lazy_gettext("Somebody no longer wants to hear from the partner"), compose, partners.KIND),
)


def _find(public_ids: Sequence[str]) -> dict[str, Signature]:
    query = select(Signature).where(Signature.public_id.in_(public_ids)).options(selectinload(Signature.consents))
    return {signature.public_id: signature for signature in db.session.scalars(query)}


def _partners(owners: Iterable[str]) -> dict[str, Partner]:
    """The partners who are told, by the owner that they are; those who may be given people."""
    found = {owner: reading.find(slug) for owner in owners if (slug := partners.slug_of(owner))}
    return {owner: each for owner, each in found.items() if each and each.enabled and each.may_share}


def _compose(
    notice: Notice, signature: Signature | None, slugs: Mapping[int, str], told: Mapping[str, Partner]
) -> Composed:
    if signature is None:
        return NotDue(Unsent.NO_SIGNATURE)
    data: dict[str, Any] = {**declarations.about(slugs[signature.declaration_id]), "signature": signature.public_id}
    if notice.event == CONSENT_WITHDRAWN:
        return data
    if notice.event == WITHDRAWN:
        return NotDue(Unsent.COUNTS_AGAIN) if signature.counted else data
    if not signature.counted:
        return NotDue(Unsent.UNCOUNTED)
    person = _person(signature, told.get(notice.endpoint.owner))
    if notice.event == CONSENT_GIVEN and person is None:
        return NotDue(Unsent.TAKEN_BACK)
    if person is None and partners.slug_of(notice.endpoint.owner):
        # A source may be one reader's own, in a link of theirs alone: a partner would know who signed all the same.
        return data
    data |= {"channel": signature.channel, "source": signature.source or None}
    return {**data, "person": person} if person else data


def _person(signature: Signature, partner: Partner | None) -> dict[str, Any] | None:
    """What this partner may know of who signed; None where they did not agree, or it may be given nobody."""
    consent = given.standing(signature, partner.slug) if partner else None
    if consent is None or signature.address is None:
        return None
    return {
        "name": given.name(signature.name, signature.visibility),
        "email": keys.ring().decrypt(signature.address),
        "country": signature.country,
        "language": signature.language,
        "consent": {
            "wording": consent.wording,
            "language": consent.language,
            "given_at": clock.iso(consent.given_at),
        },
    }
