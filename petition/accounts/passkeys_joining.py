"""Taking up an account with a passkey for its second factor, in the place of an authenticator app."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from petition.accounts import authenticators, guarding, passkeys, trail
from petition.accounts.guarding import HOME, bound
from petition.accounts.joining_views import codes_page, equip, host, set_up_page, unequipped
from petition.accounts.models import StaffSession
from petition.accounts.passkeys_forms import PasskeyForm
from petition.accounts.passkeys_staff import as_json
from petition.accounts.people_staff import views
from petition.accounts.refusals import Refusal
from petition.accounts.sign_in_views import FOREIGN_FORM
from petition.defence.limits import limit_posts
from petition.extensions import begin_writing, db

__all__ = ["views"]


@views.post("/set-up/passkey/options")
@limit_posts
def joining_options() -> ResponseReturnValue:
    """For ``navigator.credentials.create``: of somebody who has the password and no second factor yet."""
    row = unequipped()
    if row is None or not guarding.brings_token():
        abort(403)
    return as_json(passkeys.ask(row.account, bound()))


@views.post("/set-up/passkey")
@limit_posts
def join_with_passkey() -> ResponseReturnValue:
    """Take the first passkey; only now the console opens. Shows the recovery codes, this one time."""
    row = unequipped()
    if row is None:
        return redirect(url_for("accounts.second"), code=303)
    form = PasskeyForm()
    if not guarding.brings_token():
        return set_up_page(_offer(row), passkey=form, note=FOREIGN_FORM, status=403)
    begin_writing()
    try:
        made = passkeys.register(row.account, bound(), form.credential.data or "", name=form.name.data or "")
    except Refusal as refusal:
        db.session.rollback()
        note = None if refusal.field == "name" else refusal.sentence
        form.name.errors = [refusal.sentence] if refusal.field == "name" else []
        return set_up_page(_offer(row), passkey=form, note=note, status=refusal.status)
    codes = equip(row)
    trail.record("passkey.added", subject=row.account.public_id, name=made.name)
    db.session.commit()
    return codes_page(row.account, codes, go_on=HOME)


def _offer(row: StaffSession) -> authenticators.Offer:
    """The app's secret as the page showed it, should somebody have scanned it already."""
    return authenticators.offer(row.account, issuer=host(), sealed=request.form.get("sealed", ""))
