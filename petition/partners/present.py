"""The partners that pages of their own are about, for those who were let in for them."""

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


def theirs() -> list[Partner]:
    """Those for whom the account in hand was let in, by their slugs; only inside a guarded view."""
    let_in = guarding.scopes(Duty.CARRYING)
    return [each for each in reading.all_partners() if let_in is None or people.scope_of(each) in let_in]
