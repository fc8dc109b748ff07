"""The audit trail's screen and its export: operators see all of it, organisers that of their declarations."""

from typing import Any

from flask import Response, make_response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from petition import clock
from petition.accounts import guarding, scopes, trail, trail_exporting, trail_reading
from petition.accounts.duties import Duty
from petition.accounts.people_staff import views
from petition.accounts.trail_exporting import Format
from petition.accounts.trail_forms import FilterForm
from petition.accounts.trail_models import TrailEntry
from petition.accounts.trail_reading import Page
from petition.extensions import db

__all__ = ["views"]

LARGEST = 2**53
"""Beyond it no entry's number goes, and every database still reads it."""


@views.get("/trail")
@guarding.staff(Duty.PEOPLE)
def show_trail() -> ResponseReturnValue:
    """The newest entries first; every filter is optional, ``?below=`` goes on."""
    return _page(FilterForm(formdata=request.args))


@views.post("/trail/export")
@guarding.write_limit
@guarding.staff(Duty.PEOPLE, fresh=True)
def export_trail() -> ResponseReturnValue:
    """What the filters leave, as a file. That it was taken is an entry too, which the file does not hold."""
    form = FilterForm(formdata=request.form)
    wanted = request.form.get("format", Format.CSV.value)
    if not form.validate() or wanted not in set(Format):
        return _page(form)
    filters, newest = form.filters(_within()), trail_reading.last_number()
    trail.record("trail.exported", filters=form.query, format=wanted)
    db.session.commit()
    format = Format(wanted)
    lines = trail_exporting.write(trail_reading.batches(filters, up_to=newest), format=format)
    name = f"trail-{clock.now():%Y-%m-%d}.{format}"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(stream_with_context(lines), content_type=trail_exporting.MEDIA_TYPES[format], headers=headers)


def _within() -> set[int] | None:
    return guarding.scopes(Duty.PEOPLE)


def _page(form: FilterForm) -> ResponseReturnValue:
    within, valid = _within(), form.validate()
    form.fill(within)
    page = trail_reading.page(form.filters(within), below=_below()) if valid else Page((), None)
    values = {"page": page, "form": form, "below": _below(), "further": _further(form, page), **_names(page)}
    return make_response(render_template("accounts/trail.html", **values), 200 if valid else 422)


def _below() -> int | None:
    typed = request.args.get("below", "")
    return min(int(typed), LARGEST) if typed.isascii() and typed.isdecimal() and len(typed) < 20 else None


def _further(form: FilterForm, page: Page) -> str | None:
    further: dict[str, Any] = {**form.query, "below": page.next}
    return url_for("accounts_staff.show_trail", **further) if page.next else None


def _names(page: Page) -> dict[str, Any]:
    """What the page calls people and declarations, and what it tells of each entry."""
    found = {entry.scope: scopes.name(entry.scope) for entry in page.entries if entry.scope is not None}
    return {
        "people": trail.names(entry.account for entry in page.entries),
        "declarations": found,
        "name_of": trail.name_of,
        "details": {entry.number: _told(entry) for entry in page.entries},
    }


def _told(entry: TrailEntry) -> dict[str, Any] | None:
    """Its reason and values, those that hold something; None where they were emptied."""
    if entry.detail is None:
        return None
    return {name: value for name, value in trail.detail_of(entry).items() if value not in (None, "", [], {})}
