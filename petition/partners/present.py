"""The partner that a page of its own is about, for those who were let in for it."""

from flask import abort

from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.partners import people, reading
from petition.partners.models import Partner


def get(slug: str) -> Partner:
    """Only inside a guarded view. To whoever was not let in for this partner it is not there: aborts with 404."""
    partner = reading.find(slug)
    if partner is None or not guarding.may(Duty.CARRYING, people.scope_of(partner)):
        abort(404)
    return partner
