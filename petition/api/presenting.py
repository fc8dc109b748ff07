"""Who asks: the partner whose key a request presents (RFC 6750, section 2.1)."""

from flask import current_app, g, request

from petition.api.problems import KEY_NEEDED, NOT_FOR_THIS
from petition.api.refusals import Refused
from petition.partners import reading
from petition.partners.models import Partner, PartnerKey
from petition.settings import Settings


def partner_for(slug: str) -> Partner:
    """The partner that may sign this declaration. Raises Refused: an unknown key and a revoked one alike."""
    key = _key()
    if key is None:
        raise Refused(KEY_NEEDED)
    if not key.opens(slug):
        raise Refused(NOT_FOR_THIS)
    return key.partner


def key_id() -> str | None:
    """Whose posts are counted: a living key's. Who presents none is counted by the network."""
    key = _key()
    return f"key {key.public_id}" if key else None


def limits() -> str:
    """How much each key may post."""
    settings: Settings = current_app.extensions["petition.settings"]
    return settings.api_limits


def _key() -> PartnerKey | None:
    if "partner_key" not in g:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        found = reading.find_by_key(secret.strip()) if scheme.lower() == "bearer" else None
        g.partner_key = found if found and found.partner.enabled else None
    key: PartnerKey | None = g.partner_key
    return key
