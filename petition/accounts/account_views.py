"""A person's own account: name, language, password, second factors, open sessions."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from petition import keys
from petition.accounts import authenticators, factors, inviting, recovering, sessions, trail
from petition.accounts.forms import AboutForm, PasswordForm, tell
from petition.accounts.guarding import answered, bound, current, staff, write_limit
from petition.accounts.joining_views import codes_page, host
from petition.accounts.models import StaffSession
from petition.accounts.refusals import CodeRefused, LastFactor, Refusal
from petition.accounts.sign_in_views import views
from petition.defence import clients
from petition.extensions import db

__all__ = ["views"]


@views.get("/account")
@staff(None)
def account() -> ResponseReturnValue:
    return make_response(_account_html())


@views.post("/account")
@write_limit
@staff(None)
def change() -> ResponseReturnValue:
    """Name and language."""
    form = AboutForm()
    if not form.validate():
        return make_response(_account_html(about=form), 422)
    current().name, current().language = form.name.data, form.language.data
    trail.record("account.changed", subject=current().public_id)
    db.session.commit()
    return _done("changed")


@views.post("/account/password")
@write_limit
@staff(None)
def change_password() -> ResponseReturnValue:
    """A new password ends every other session."""
    form = PasswordForm()
    if not form.validate():
        return make_response(_account_html(password=form), 422)
    try:
        inviting.change_password(
            current(), form.password.data, form.new_password.data, host=host(), network=clients.network_hash()
        )
    except Refusal as refusal:
        note = None if tell(form, refusal) else refusal.sentence
        return answered(_account_html(password=form, note=note), refusal)
    _end_others()
    trail.record("account.password", subject=current().public_id)
    db.session.commit()
    return _done("password")


@views.post("/account/recovery-codes")
@write_limit
@staff(None, fresh=True)
def renew_codes() -> ResponseReturnValue:
    """Ten new codes, shown this one time."""
    codes = recovering.renew(current())
    trail.record("account.recovery-codes", subject=current().public_id)
    db.session.commit()
    return codes_page(current(), codes, go_on=url_for("accounts.account"))


@views.get("/account/authenticator")
@staff(None, fresh=True)
def authenticator() -> ResponseReturnValue:
    """Show a secret for another authenticator app, in the place of the one there is."""
    return make_response(_authenticator_html())


@views.post("/account/authenticator")
@write_limit
@staff(None, fresh=True)
def change_authenticator() -> ResponseReturnValue:
    """Take the other app's codes from now on; every other session ends."""
    offered = authenticators.offer(current(), issuer=host(), sealed=request.form.get("sealed", ""))
    try:
        authenticators.accept(offered, request.form.get("code", ""))
    except CodeRefused as refusal:
        return make_response(_authenticator_html(offered.sealed, error=refusal.sentence), 422)
    _end_others()
    trail.record("account.factor", subject=current().public_id)
    db.session.commit()
    return _done("factor")


@views.post("/account/authenticator/remove")
@write_limit
@staff(None, fresh=True)
def remove_authenticator() -> ResponseReturnValue:
    """From now on a passkey is the second factor; every other session ends."""
    try:
        authenticators.remove(current())
    except LastFactor as refusal:
        db.session.rollback()
        return answered(_account_html(factor_note=refusal.sentence), refusal)
    _end_others()
    trail.record("account.app-removed", subject=current().public_id)
    db.session.commit()
    return _done("factor")


@views.post("/account/end-others")
@write_limit
@staff(None)
def end_others() -> ResponseReturnValue:
    sessions.end_all(current(), but=_row())
    trail.record("account.sessions-ended", subject=current().public_id)
    db.session.commit()
    return _done("ended")


def _end_others() -> None:
    """What proves who they are has changed: the other sessions end, and this one goes on under a new token."""
    sessions.end_all(current(), but=_row())
    bound().bind(_row(), new_token=sessions.rename(_row()))


def _row() -> StaffSession:
    row = bound().row
    assert row is not None, "this view is not guarded"
    return row


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("accounts.account", done=what), code=303)


def _account_html(
    *,
    about: AboutForm | None = None,
    password: PasswordForm | None = None,
    note: LazyString | None = None,
    factor_note: LazyString | None = None,
) -> str:
    me = current()
    return render_template(
        "accounts/account.html",
        about=about or AboutForm(formdata=None, obj=me),
        password=password or PasswordForm(formdata=None),
        note=note,
        factor_note=factor_note,
        address=keys.ring().decrypt(me.address),
        left=recovering.count_left(me),
        has_app=me.totp_secret is not None,
        needs_app=not factors.are_several(me),
        factors=factors.all_factors(),
        sessions=sessions.of(me),
        present=_row().public_id,
        done=request.args.get("done"),
    )


def _authenticator_html(sealed: str = "", *, error: LazyString | None = None) -> str:
    offered = authenticators.offer(current(), issuer=host(), sealed=sealed)
    action = url_for("accounts.change_authenticator")
    return render_template("accounts/set_up.html", offer=offered, note=None, error=error, action=action, factors=())
