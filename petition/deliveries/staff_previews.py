"""Staff looks at what an order would give before anything is made: the counts, and the book's first pages."""

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.deliveries import ordering, previews
from petition.deliveries import staff as staff_views
from petition.deliveries.preview_models import DeliveryPreview, PreviewState
from petition.deliveries.staff import form_page, get_declaration, is_good, posted
from petition.extensions import db
from petition.headers import never_store
from petition.staging.orders import Part, Showing

views = staff_views.views
WAITING = (PreviewState.WAITING, PreviewState.WORKING)


@views.post("/preview")
@write_limit
@staff(Duty.DELIVERIES)
def preview(slug: str) -> ResponseReturnValue:
    """Have the preview made, by a process that may take its time, and go where it will be shown."""
    declaration = get_declaration(slug)
    form = posted(declaration)
    if not is_good(form):
        return form_page(declaration, form), 422
    chosen = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    asked = previews.ask(declaration, form.order, chosen=chosen)
    db.session.commit()
    return redirect(url_for("deliveries_staff.show_preview", slug=slug, public_id=asked.public_id), code=303)


@views.get("/previews/<public_id>")
@staff(Duty.DELIVERIES)
def show_preview(slug: str, public_id: str) -> ResponseReturnValue:
    """While it is made, the page looks again by itself; the delivery can be made without waiting for it."""
    declaration = get_declaration(slug)
    found = previews.find(declaration, public_id) or abort(404)
    order = ordering.from_json(found.stored_order)
    named = [each for each, showing in order.shows.items() if showing is Showing.NAME]
    return render_template(
        "deliveries/staff/preview.html",
        declaration=declaration,
        order=order,
        preview=found,
        waiting=found.state in WAITING,
        failed=found.state is PreviewState.FAILED,
        count=sum(found.counts.values()),
        names=sum(found.counts.get(each, 0) for each in named),
        has_book=Part.BOOK in order.parts,
        carried=found.chosen,
    )


@views.get("/previews/<public_id>/progress")
@staff(Duty.DELIVERIES)
def preview_progress(slug: str, public_id: str) -> ResponseReturnValue:
    """For the page's script, in the form in which it is told of deliveries."""
    found = previews.find(get_declaration(slug), public_id) or abort(404)
    return {"deliveries": {found.public_id: {"state": found.state.value, "percent": None, "words": words(found)}}}


@views.get("/previews/<public_id>/pages/<int:place>")
@staff(Duty.DELIVERIES)
def preview_page(slug: str, public_id: str, place: int) -> ResponseReturnValue:
    found = previews.find(get_declaration(slug), public_id) or abort(404)
    png = previews.picture(found, place) if place < 1_000 else None
    return never_store(Response(png, mimetype="image/png")) if png else abort(404)


@views.app_template_global("preview_words")
def words(preview: DeliveryPreview) -> str:
    if preview.state is PreviewState.WAITING:
        return str(gettext("It begins in a moment."))
    return str(gettext("The first pages are being set."))
