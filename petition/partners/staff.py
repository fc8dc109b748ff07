"""The console's pages of the partners, for organisers of everything: enrol, change, switch off, keys, people."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from petition import addresses, languages
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.addresses import AddressRefused
from petition.extensions import db
from petition.partners import api_keys, enrolling, people, reading
from petition.partners.forms import InviteForm, KeyForm, NewPartnerForm, PartnerForm, values_of
from petition.partners.models import Partner
from petition.partners.refusals import NoSuchKey, Refusal

views = Blueprint("partners_staff", __name__, url_prefix="/console/partners")


@views.get("")
@guarding.staff(Duty.PARTNERS)
def listed() -> ResponseReturnValue:
    _check()
    return render_template("partners/listed.html", partners=reading.all_partners())


@views.get("/new")
@guarding.staff(Duty.PARTNERS)
def new() -> ResponseReturnValue:
    _check()
    return _new_page(NewPartnerForm.make(formdata=None))


@views.post("/new")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS)
def create() -> ResponseReturnValue:
    _check()
    form = NewPartnerForm.make()
    if not form.validate():
        return _new_page(form, status=422)
    try:
        partner = enrolling.create((form.slug.data or "").strip(), form.details)
    except Refusal as refusal:
        db.session.rollback()
        return _new_page(form, None if form.tell(refusal) else refusal, status=refusal.status)
    trail.record("partner.created", subject=partner.public_id, partner=partner.slug)
    db.session.commit()
    return redirect(url_for("partners_staff.one", partner=partner.slug, done="created"), code=303)


@views.get("/<partner>")
@guarding.staff(Duty.PARTNERS)
def one(partner: str) -> ResponseReturnValue:
    return _page(_get(partner))


@views.post("/<partner>")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS, fresh=True)
def edit(partner: str) -> ResponseReturnValue:
    """Asks for a fresh proof, because it decides to whom people are given."""
    found, form = _get(partner), PartnerForm.make()
    if not form.validate():
        return _page(found, form, status=422)
    try:
        changes = enrolling.edit(found, form.details)
    except Refusal as refusal:
        db.session.rollback()
        return _page(_get(partner), form, None if form.tell(refusal) else refusal, status=refusal.status)
    return _done(found, "partner.edited", "edited", **changes)


@views.post("/<partner>/disable")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS)
def disable(partner: str) -> ResponseReturnValue:
    return _switch(partner, enrolling.disable, "partner.disabled", "disabled")


@views.post("/<partner>/enable")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS)
def enable(partner: str) -> ResponseReturnValue:
    return _switch(partner, enrolling.enable, "partner.enabled", "enabled")


@views.post("/<partner>/keys")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS, fresh=True)
def make_key(partner: str) -> ResponseReturnValue:
    """The page that shows the key, this once."""
    found = _get(partner)
    try:
        key, secret = api_keys.make(found, KeyForm.make().good_for.data or ())
    except Refusal as refusal:
        db.session.rollback()
        return _page(_get(partner), refusal=refusal, status=refusal.status)
    trail.record("partner.key-made", subject=found.public_id, partner=found.slug, **api_keys.told(key))
    db.session.commit()
    return render_template("partners/key.html", partner=found, secret=secret)


@views.post("/<partner>/keys/revoke")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS)
def revoke_key(partner: str) -> ResponseReturnValue:
    found = _get(partner)
    try:
        key = api_keys.revoke(found, request.form.get("key", ""))
    except NoSuchKey:
        abort(404)
    return _done(found, "partner.key-revoked", "revoked", key=key.prefix)


@views.post("/<partner>/people")
@guarding.write_limit
@guarding.staff(Duty.PARTNERS, fresh=True)
def invite(partner: str) -> ResponseReturnValue:
    """Let somebody sign in for this partner."""
    found, form = _get(partner), InviteForm()
    if not form.validate():
        return _page(found, inviting=form, status=422)
    try:
        address = addresses.parse(form.email.data)
    except AddressRefused:
        form.email.errors = [lazy_gettext("This is no email address. Please check it.")]
        return _page(found, inviting=form, status=422)
    language = form.language.data if form.language.data in languages.NAMES else "en"
    account, _token = people.invite(found, address, language=language)
    return _done(found, "partner.invited", "invited", account=account.public_id)


def _check() -> None:
    """Only who organises everything; to others there are no such pages."""
    if guarding.scopes(Duty.PARTNERS) is not None:
        abort(404)


def _get(slug: str) -> Partner:
    _check()
    find = reading.find if request.method == "GET" else reading.find_locked
    return find(slug) or abort(404)


def _switch(slug: str, verb: Callable[[Partner], None], act: str, done: str) -> ResponseReturnValue:
    partner = _get(slug)
    verb(partner)
    return _done(partner, act, done)


def _done(partner: Partner, act: str, done: str, **detail: Any) -> ResponseReturnValue:
    slug = partner.slug
    trail.record(act, subject=partner.public_id, partner=slug, **detail)
    db.session.commit()
    # What others asked for meanwhile is of before the commit.
    reading.forget()
    return redirect(url_for("partners_staff.one", partner=slug, done=done), code=303)


def _new_page(form: NewPartnerForm, refusal: Refusal | None = None, *, status: int = 200) -> ResponseReturnValue:
    return make_response(render_template("partners/new.html", form=form, refusal=refusal), status)


def _page(
    partner: Partner,
    form: PartnerForm | None = None,
    refusal: Refusal | None = None,
    *,
    inviting: InviteForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    values = {
        "partner": partner,
        "form": form or PartnerForm.make(formdata=None, **values_of(partner)),
        "inviting": inviting or InviteForm.empty(),
        "refusal": refusal,
        "keys": api_keys.living(partner),
        "making": KeyForm.make(formdata=None),
        "done": request.args.get("done"),
    }
    return make_response(render_template("partners/one.html", **values), status)
