"""Taking up an account: the invitation, then the second factor, then the codes for a bad day."""

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale

from petition.accounts import (
    authenticators,
    browsers,
    factors,
    guarding,
    inviting,
    passkeys_challenges,
    recovering,
    sessions,
    trail,
)
from petition.accounts.authenticators import Offer
from petition.accounts.forms import FirstJoinForm, JoinForm, tell
from petition.accounts.guarding import HOME, bound
from petition.accounts.models import Account, StaffSession
from petition.accounts.passkeys_forms import PasskeyForm
from petition.accounts.refusals import CodeRefused, InvitationRefused, Refusal
from petition.accounts.sign_in_views import FOREIGN_FORM, NOT_ENCRYPTED, end_present, keeps_cookies, views
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.extensions import begin_writing, db
from petition.settings import Settings

__all__ = ["views"]


@views.errorhandler(InvitationRefused)
def show_refusal(refusal: InvitationRefused) -> ResponseReturnValue:
    return make_response(render_template("accounts/refused.html", refusal=refusal), refusal.status)


@views.get("/invitation/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """Ask for name and password. Mail scanners follow links, so following it uses nothing up."""
    account = _account(token)
    return _join_page(token, _form(account)(formdata=None, name=account.name))


@views.post("/invitation/<token>")
@limit_posts
def join(token: str) -> ResponseReturnValue:
    form = _form(_account(token))()
    if not origins.is_ours():
        return _join_page(token, form, note=FOREIGN_FORM, status=403)
    if not keeps_cookies():
        return _join_page(token, form, note=NOT_ENCRYPTED, status=403)
    if not form.validate():
        return _join_page(token, form, status=422)
    begin_writing()
    try:
        account = inviting.accept(
            token, name=form.name.data, password=form.new_password.data, host=host(), address=form.address
        )
    except Refusal as refusal:
        if not tell(form, refusal):
            raise
        return _join_page(token, form, status=refusal.status)
    if isinstance(form, FirstJoinForm):
        account.language = str(get_locale())
    end_present()
    guarding.begin(*sessions.begin(account, proved=False, client=browsers.name(request.user_agent.string)))
    trail.record("account.joined", subject=account.public_id)
    db.session.commit()
    return redirect(url_for("accounts.set_up"), code=303)


@views.get("/set-up")
def set_up() -> ResponseReturnValue:
    """Show the secret for the authenticator app; what else may be chosen is offered beside it."""
    row = unequipped()
    if row is None:
        return redirect(url_for("accounts.second"), code=303)
    return set_up_page(authenticators.offer(row.account, issuer=host()))


@views.post("/set-up")
@limit_posts
def do_set_up() -> ResponseReturnValue:
    """Take the app's first code; only now the console opens. Shows the recovery codes, this one time."""
    row = unequipped()
    if row is None:
        return redirect(url_for("accounts.second"), code=303)
    offered = authenticators.offer(row.account, issuer=host(), sealed=request.form.get("sealed", ""))
    if not guarding.brings_token():
        return set_up_page(offered, note=FOREIGN_FORM, status=403)
    begin_writing()
    try:
        authenticators.accept(offered, request.form.get("code", ""))
    except CodeRefused as refusal:
        return set_up_page(offered, error=refusal.sentence, status=422)
    codes = equip(row)
    db.session.commit()
    return codes_page(row.account, codes, go_on=HOME)


def equip(row: StaffSession) -> list[str]:
    """The session of somebody who has just got a second factor is proved, under a new token; returns their codes."""
    codes = recovering.renew(row.account)
    guarding.begin(row, sessions.prove(row))
    trail.record("account.factor", subject=row.account.public_id)
    return codes


def codes_page(account: Account, codes: list[str], *, go_on: str) -> ResponseReturnValue:
    return make_response(render_template("accounts/codes.html", codes=codes, go_on=go_on, account=account))


def host() -> str:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings.base_host


def _account(token: str) -> Account:
    """Whose invitation it is; the page speaks their language."""
    account = inviting.get(token).account
    if not inviting.is_unaddressed(account):
        guarding.speak(account.language)
    return account


def _form(account: Account) -> type[JoinForm]:
    return FirstJoinForm if inviting.is_unaddressed(account) else JoinForm


def unequipped() -> StaffSession | None:
    """The session of somebody who gave the password and has no second factor yet."""
    row = bound().row
    return row if row is not None and row.proved_at is None and not factors.is_set_up(row.account) else None


def _join_page(token: str, form: JoinForm, *, note: LazyString | None = None, status: int = 200) -> ResponseReturnValue:
    return make_response(render_template("accounts/invitation.html", token=token, form=form, note=note), status)


def set_up_page(
    offered: Offer,
    *,
    note: LazyString | None = None,
    error: LazyString | None = None,
    passkey: PasskeyForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    values = {"offer": offered, "note": note, "error": error, "action": url_for("accounts.do_set_up")}
    others = {"passkey": passkey or PasskeyForm(formdata=None), "possible": passkeys_challenges.possible()}
    page = render_template("accounts/set_up.html", factors=factors.all_factors(), **values, **others)
    return make_response(page, status)
