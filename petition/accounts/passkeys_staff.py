"""The page of one's own passkeys, and what the browser's script asks for before an authenticator is touched."""

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition.accounts import guarding, passkeys, passkeys_challenges, passkeys_proving, trail
from petition.accounts.guarding import bound, current
from petition.accounts.passkeys_forms import PasskeyForm
from petition.accounts.passkeys_models import Passkey
from petition.accounts.passkeys_refusals import NoSuchPasskey
from petition.accounts.people_staff import views
from petition.accounts.refusals import Refusal
from petition.defence.limits import limit_posts
from petition.extensions import db

__all__ = ["views"]


@views.get("/account/passkeys")
@guarding.staff(None, fresh=True)
def own_passkeys() -> ResponseReturnValue:
    """Those there are, and a form for another."""
    return make_response(_page(PasskeyForm(formdata=None)))


@views.post("/account/passkeys/options")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def passkey_options() -> ResponseReturnValue:
    """For ``navigator.credentials.create``; the challenge lies in the session."""
    try:
        return as_json(passkeys.ask(current(), bound()))
    except Refusal as refusal:
        return {"sentence": str(refusal.sentence)}, refusal.status


@views.post("/account/passkeys")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def add_passkey() -> ResponseReturnValue:
    form = PasskeyForm()
    try:
        made = passkeys.register(current(), bound(), form.credential.data or "", name=form.name.data or "")
    except Refusal as refusal:
        db.session.rollback()
        return make_response(_page(_telling(form, refusal), refusal), refusal.status)
    trail.record("passkey.added", subject=current().public_id, name=made.name)
    db.session.commit()
    return _done("added")


@views.post("/account/passkeys/<passkey>/name")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def rename_passkey(passkey: str) -> ResponseReturnValue:
    found = _mine(passkey)
    try:
        passkeys.rename(found, request.form.get("name", ""))
    except Refusal as refusal:
        return make_response(_page(PasskeyForm(formdata=None), refusal), refusal.status)
    trail.record("passkey.renamed", subject=current().public_id, name=found.name)
    db.session.commit()
    return _done("renamed")


@views.post("/account/passkeys/<passkey>/remove")
@guarding.write_limit
@guarding.staff(None, fresh=True)
def remove_passkey(passkey: str) -> ResponseReturnValue:
    found = _mine(passkey)
    try:
        passkeys.remove(current(), found)
    except Refusal as refusal:
        db.session.rollback()
        return make_response(_page(PasskeyForm(formdata=None), refusal), refusal.status)
    trail.record("passkey.removed", subject=current().public_id, name=found.name)
    db.session.commit()
    return _done("removed")


@views.post("/sign-in/passkey")
@limit_posts
def passkey_challenge() -> ResponseReturnValue:
    """For ``navigator.credentials.get``: of somebody who has given the password, now or in this session."""
    row = bound().row
    if row is None or not guarding.brings_token():
        abort(403)
    return as_json(passkeys_proving.ask(row.account, bound()))


def _mine(public_id: str) -> Passkey:
    try:
        return passkeys.get(current(), public_id)
    except NoSuchPasskey:
        abort(404)


def as_json(options: str) -> Response:
    return Response(options, mimetype="application/json")


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("accounts_staff.own_passkeys", done=what), code=303)


def _telling(form: PasskeyForm, refusal: Refusal) -> PasskeyForm:
    """The form with the refusal beside the field that it is about."""
    if refusal.field == "name":
        form.name.errors = [refusal.sentence]
    return form


def _page(form: PasskeyForm, refusal: Refusal | None = None) -> str:
    return render_template(
        "accounts/passkeys.html",
        form=form,
        refusal=refusal if refusal and not form.name.errors else None,
        passkeys=passkeys.of(current()),
        has_app=current().totp_secret is not None,
        possible=passkeys_challenges.possible(),
        done=request.args.get("done"),
    )
