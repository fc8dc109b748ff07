"""Keys of partners' programs: made, shown once, revoked; a new one may live beside the old until that goes."""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from petition import clock, links
from petition.extensions import db
from petition.partners import checking, reading
from petition.partners.models import Partner, PartnerKey
from petition.partners.refusals import NoSuchKey, TooManyKeys

MOST = 2
"""Living at once: enough to go over from one to the next."""


def make(partner: Partner, carries: Iterable[str] = ()) -> tuple[PartnerKey, str]:
    """A new key, and the secret, which nobody can tell again.

    It is good for the declarations of these slugs, or for every one that the partner carries. Raises TooManyKeys
    and DetailsRefused.
    """
    chosen = checking.all_declarations(carries)
    # Whoever makes one at the same moment waits here, and then finds this one.
    db.session.execute(select(Partner.id).where(Partner.id == partner.id).with_for_update())
    if len(living(partner)) >= MOST:
        raise TooManyKeys
    prefix = f"petition_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = PartnerKey(
        partner_id=partner.id,
        prefix=prefix,
        last_four=secret[-4:],
        digest=links.digest(secret),
        carries=chosen or None,
        created_at=clock.now(),
    )
    db.session.add(key)
    db.session.flush()
    reading.forget()
    return key, secret


def revoke(partner: Partner, public_id: str) -> PartnerKey:
    """End it; twice is once. Raises NoSuchKey, for another partner's too."""
    mine = select(PartnerKey).where(PartnerKey.partner_id == partner.id, PartnerKey.public_id == public_id)
    key = db.session.scalar(mine)
    if key is None:
        raise NoSuchKey
    if key.revoked_at is None:
        key.revoked_at = clock.now()
    reading.forget()
    return key


def living(partner: Partner) -> list[PartnerKey]:
    query = select(PartnerKey).where(PartnerKey.partner_id == partner.id, PartnerKey.revoked_at.is_(None))
    return list(db.session.scalars(query.order_by(PartnerKey.id)))


def told(key: PartnerKey) -> dict[str, Any]:
    """What the audit trail says of it."""
    return {"key": key.prefix, **({"declarations": " ".join(key.carries)} if key.carries else {})}
