"""A partner downloads who agreed to that: after the password once more, for a reason, and recorded."""

from typing import cast

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from petition.accounts import scopes, trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.deliveries import downloads, partner_lists
from petition.deliveries.partner_lists import FORMATS, MOST_IN_WORKBOOK, Format
from petition.extensions import db
from petition.partners import present
from petition.partners.models import Partner
from petition.signatures import moderating
from petition.signatures.refusals import Refusal

views = Blueprint("deliveries_partner_lists", __name__, url_prefix="/console/carrying")

ACTS = {"partner.exported": lazy_gettext("People who agreed given to a partner")}
NOBODY = lazy_gettext("This partner may not be given people at present.")
TOO_MANY = lazy_gettext("These are too many for a workbook. Please choose CSV.")


class ListForm(FlaskForm):  # type: ignore[misc]
    """The guard has checked the token."""

    class Meta:
        csrf = False
        locales = False

    declaration = SelectField(lazy_gettext("Declaration"), choices={}, validate_choice=False)
    format = SelectField(
        lazy_gettext("Kind of file"),
        choices={"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSONL"},
        validate_choice=False,
    )
    reason = StringField(lazy_gettext("Reason"))

    def fill(self) -> None:
        slugs = [(slug, scope) for slug in scopes.slugs() if (scope := scopes.find(slug)) is not None]
        self.declaration.choices = {slug: scopes.name(scope) for slug, scope in slugs}


@views.get("/<partner>/people")
@staff(Duty.CARRYING)
def ask(partner: str) -> ResponseReturnValue:
    return _page(present.get(partner), ListForm(formdata=None))


@views.post("/<partner>/people")
@write_limit
@staff(Duty.CARRYING, fresh=True)
def export(partner: str) -> ResponseReturnValue:
    """The file, made whole before it is sent; that it was asked for is recorded before anything is read."""
    found, form = present.get(partner), ListForm()
    declaration, format = _chosen(form)
    if not found.enabled or found.consent is None:
        return _page(found, form, NOBODY, status=403)
    try:
        reason = moderating.clean_reason(form.reason.data or "")
    except Refusal as refusal:
        form.reason.errors = [refusal.sentence]
        return _page(found, form, status=refusal.status)
    number = partner_lists.count(found, declaration)
    if format == "xlsx" and number > MOST_IN_WORKBOOK:
        return _page(found, form, TOO_MANY, status=422)
    trail.record(
        "partner.exported",
        scope=declaration.id,
        subject=found.public_id,
        why=reason,
        partner=found.slug,
        format=format,
        count=number,
    )
    db.session.commit()
    pieces = partner_lists.write(found, declaration, format)
    media = "application/octet-stream" if found.age_key else FORMATS[format]
    return downloads.whole(pieces, name=partner_lists.file_name(found, declaration, format), media=media)


def _chosen(form: ListForm) -> tuple[Declaration, Format]:
    """What no page of ours offered is not there."""
    declaration = reading.find(form.declaration.data or "")
    if declaration is None or form.format.data not in FORMATS:
        abort(404)
    return declaration, cast(Format, form.format.data)


def _page(
    partner: Partner, form: ListForm, refusal: LazyString | None = None, *, status: int = 200
) -> ResponseReturnValue:
    form.fill()
    return make_response(render_template("deliveries/people.html", partner=partner, form=form, refusal=refusal), status)
