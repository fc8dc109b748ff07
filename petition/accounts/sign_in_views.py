"""Signing in, in two steps, and signing out."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from petition.accounts import browsers, factors, guarding, navigation, present, proving, recovering, sessions, trail
from petition.accounts.cookies import CONSOLE
from petition.accounts.forms import SignInForm
from petition.accounts.guarding import HOME, answered, bound, safe_next, staff, write_limit
from petition.accounts.models import StaffSession
from petition.accounts.refusals import Refusal
from petition.defence import clients, origins
from petition.defence.limits import limit_posts
from petition.extensions import db, writing
from petition.settings import LOOPBACK_NAMES, Settings

views = Blueprint("accounts", __name__, url_prefix=CONSOLE)
views.add_app_template_global(present.page_values, "staff_values")
views.add_app_template_global(present.scope_name)
views.add_app_template_global(present.again_factors)
views.add_app_template_global(present.csrf_field)
views.add_app_template_global(navigation.tabs, "staff_tabs")

FOREIGN_FORM = lazy_gettext("This form was sent from another site. Please sign in here.")
NO_COOKIE = lazy_gettext(
    "Your browser kept no sign-in, or it is over. Please sign in again; if this sentence comes back, allow this site’s "
    "cookies, and use an address that begins with https://."
)
NOT_ENCRYPTED = lazy_gettext(
    "Signing in needs an encrypted connection: please use this site’s address that begins with https://."
)


@views.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for address and password."""
    if guarding.signed_in():
        return redirect(_next(), code=303)
    return _sign_in_page(SignInForm(formdata=None))


@views.post("/sign-in")
@limit_posts
def do_sign_in() -> ResponseReturnValue:
    """The first step: it answers alike for addresses with and without accounts."""
    form = SignInForm()
    if not origins.is_ours():
        return _sign_in_page(form, note=FOREIGN_FORM, status=403)
    if not keeps_cookies():
        return _sign_in_page(form, status=403)
    if not form.validate():
        return _sign_in_page(form, status=422)
    try:
        account = proving.prove_password(form.email.data, form.password.data, network=clients.network_hash())
    except Refusal as refusal:
        return answered(_sign_in_html(form, refusal.sentence), refusal)
    with writing():
        end_present()
        guarding.begin(*sessions.begin(account, proved=False, client=browsers.name(request.user_agent.string)))
    return redirect(url_for("accounts.second", next=_next()), code=303)


@views.get("/sign-in/second")
def second() -> ResponseReturnValue:
    """Ask for the second factor; whoever has none yet sets one up first."""
    row = bound().row
    if row is None:
        return _sign_in_page(SignInForm(formdata=None), note=NO_COOKIE)
    if row.proved_at is not None:
        return redirect(_next(), code=303)
    if not factors.is_set_up(row.account):
        return redirect(url_for("accounts.set_up"), code=303)
    return _second_page(row)


@views.post("/sign-in/second")
@limit_posts
def do_second() -> ResponseReturnValue:
    row = bound().row
    if row is None:
        return _sign_in_page(SignInForm(formdata=None), note=NO_COOKIE, status=403)
    if row.proved_at is not None:
        return redirect(_next(), code=303)
    if not guarding.brings_token():
        return _second_page(row, note=FOREIGN_FORM, status=403)
    if not factors.is_set_up(row.account):
        return redirect(url_for("accounts.set_up"), code=303)
    had_codes = recovering.count_left(row.account)
    try:
        proving.prove_second(row.account, request.form, network=clients.network_hash())
    except Refusal as refusal:
        return answered(_second_html(row, refusal=refusal), refusal)
    with writing():
        guarding.begin(row, sessions.prove(row))
        trail.record("account.signed-in", subject=row.account.public_id)
    if had_codes and not recovering.count_left(row.account):
        return redirect(url_for("accounts.account", done="no-codes"), code=303)
    return redirect(_next(), code=303)


@views.post("/sign-out")
@write_limit
@staff(None)
def sign_out() -> ResponseReturnValue:
    trail.record("account.signed-out", subject=guarding.current().public_id)
    end_present()
    db.session.commit()
    return redirect(url_for("accounts.sign_in"), code=303)


@views.post("/again")
@write_limit
@staff(None)
def again() -> ResponseReturnValue:
    """Password and second factor once more, to open a page that asks for them."""
    refusal = guarding.prove_again()
    target = safe_next(request.form.get("next"))
    if refusal is not None:
        return guarding.ask_again(refusal, action=url_for("accounts.again"), carried=[("next", target)])
    return redirect(target, code=303)


def end_present() -> None:
    found = bound()
    if found.row is not None:
        sessions.end(found.row)
    found.drop()


def _next() -> str:
    return safe_next(request.values.get("next"))


def _sign_in_page(form: SignInForm, *, note: LazyString | None = None, status: int = 200) -> ResponseReturnValue:
    return make_response(_sign_in_html(form, note), status)


def _sign_in_html(form: SignInForm, note: LazyString | None) -> str:
    possible = keeps_cookies()
    values = {"form": form, "note": note if possible else NOT_ENCRYPTED, "possible": possible}
    return render_template("accounts/sign_in.html", next=_next(), home=HOME, **values)


def _second_page(row: StaffSession, *, note: LazyString | None = None, status: int = 200) -> ResponseReturnValue:
    return make_response(_second_html(row, note=note), status)


def _second_html(row: StaffSession, *, refusal: Refusal | None = None, note: LazyString | None = None) -> str:
    values = {"refusal": refusal, "note": note, "factors": factors.of(row.account), "account": row.account}
    return render_template("accounts/second.html", next=_next(), **values)


def keeps_cookies() -> bool:
    """Whether a browser would keep the session's cookie, which goes over encrypted connections only."""
    settings: Settings = current_app.extensions["petition.settings"]
    host = request.host.rpartition(":")[0] if ":" in request.host.rpartition("]")[2] else request.host
    return request.is_secure or settings.base_url.startswith("https:") or host in LOOPBACK_NAMES
