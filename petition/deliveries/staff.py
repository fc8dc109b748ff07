"""Staff orders deliveries, watches them being made, cancels and downloads them."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from petition import logs
from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.deliveries import acts, asking, ordering, places, readers, wordlists
from petition.deliveries.forms import OrderForm
from petition.deliveries.models import Delivery, State
from petition.deliveries.ordering import OrderRefused
from petition.extensions import db
from petition.headers import never_store
from petition.staging.orders import Reader

views = Blueprint("deliveries_staff", __name__, url_prefix="/console/declarations/<slug>/deliveries")
DONE = {
    "asked": lazy_gettext("The delivery is being made. You may leave this page; it goes on."),
    "cancelled": lazy_gettext("The delivery is cancelled."),
    "reader": lazy_gettext("The reader is saved."),
    "recorded": lazy_gettext("The hand-over is recorded, and told on the declaration’s page."),
    "withdrawn": lazy_gettext("The record was taken back."),
}
"""What a page says after a redirect with ``?done=``."""
MOVING = (State.WAITING, State.WORKING)


@views.app_context_processor
def _words() -> dict[str, Any]:
    return {"delivery_words": wordlists}


@views.get("")
@staff(Duty.DELIVERIES)
def deliveries(slug: str) -> ResponseReturnValue:
    """What was asked for, the newest first; while something is made, the page looks again by itself."""
    declaration = get_declaration(slug)
    found = asking.newest(declaration)
    return render_template(
        "deliveries/staff/deliveries.html",
        declaration=declaration,
        deliveries=found,
        moving=any(each.state in MOVING for each in found),
        unsettable={each.public_id: places.unsettable_of(each) for each in found if each.state is State.FAILED},
        handovers=declaration.plan.handovers,
        done=DONE.get(request.args.get("done", "")),
    )


@views.get("/progress")
@staff(Duty.DELIVERIES)
def progress(slug: str) -> ResponseReturnValue:
    """How far each is, for the page's script: percent and words, by public id; ``changed`` when it must load anew."""
    found = asking.newest(get_declaration(slug))
    told = {
        each.public_id: {"state": each.state.value, "percent": percent(each), "words": progress_words(each)}
        for each in found
    }
    return {"deliveries": told}


@views.get("/new")
@staff(Duty.DELIVERIES)
def new(slug: str) -> ResponseReturnValue:
    """The form for one reader, filled in with what that reader gets by default."""
    declaration = get_declaration(slug)
    reader = _reader(request.args.get("reader", Reader.ADDRESSEE))
    return form_page(declaration, OrderForm.make(declaration, reader, readers.find(declaration, reader), posted=None))


@views.post("/edit")
@write_limit
@staff(Duty.DELIVERIES, writes=False)
def edit(slug: str) -> ResponseReturnValue:
    """Back from the preview, with everything as it was chosen."""
    return form_page(declaration := get_declaration(slug), posted(declaration))


@views.post("")
@write_limit
@staff(Duty.DELIVERIES, fresh=True)
def make(slug: str) -> ResponseReturnValue:
    """Ask for a package. It takes names out of here, with addresses if that is ordered, so it asks who it is."""
    declaration = get_declaration(slug)
    form = posted(declaration)
    if not is_good(form):
        return form_page(declaration, form), 422
    _ask(declaration, form.order, form.reason.data)
    return _back(slug, "asked")


@views.post("/<public_id>/again")
@write_limit
@staff(Duty.DELIVERIES, fresh=True)
def again(slug: str, public_id: str) -> ResponseReturnValue:
    """The same order anew; with ``boxes`` what no font can set does not stop it."""
    declaration = get_declaration(slug)
    before = _get(declaration, public_id)
    order = ordering.from_json({**before.stored_order, **({"boxes": True} if "boxes" in request.form else {})})
    known = readers.find(declaration, order.reader)
    age_key = known.age_key if known else None
    if order.age_key and not age_key:
        # A key that was taken away may be lost or stolen.
        abort(409)
    try:
        _ask(declaration, replace(order, age_key=age_key), before.reason)
    except OrderRefused:
        abort(409)
    return _back(slug, "asked")


@views.post("/<public_id>/cancel")
@write_limit
@staff(Duty.DELIVERIES)
def cancel(slug: str, public_id: str) -> ResponseReturnValue:
    delivery = _get(get_declaration(slug), public_id)
    try:
        asking.cancel(delivery)
    except asking.NotCancelled:
        return _back(slug, "")
    acts.record_cancelled(delivery)
    db.session.commit()
    return _back(slug, "cancelled")


@views.post("/<public_id>/download")
@write_limit
@staff(Duty.DELIVERIES, fresh=True)
def download(slug: str, public_id: str) -> ResponseReturnValue:
    """The package, streamed from the disk; again and again, until it is removed."""
    delivery = _get(get_declaration(slug), public_id)
    if delivery.state is not State.READY:
        return render_template("deliveries/staff/gone.html", declaration=delivery.declaration), 410
    if not places.file_of(delivery).is_file():
        # With several servers that do not share their folder it lies on the one that made it.
        logs.get().warning("delivery's file is not on this server", delivery=delivery.public_id)
        return render_template("deliveries/staff/elsewhere.html", declaration=delivery.declaration), 404
    file, name = places.file_of(delivery), delivery.file_name
    acts.record_downloaded(delivery)
    db.session.commit()
    answer: Response = send_file(
        file, mimetype="application/octet-stream", as_attachment=True, download_name=name, conditional=False, etag=False
    )
    return never_store(answer)


@views.app_template_global("delivery_percent")
def percent(delivery: Delivery) -> int | None:
    """How much of the stage is done, in percent; None where that cannot be told."""
    return min(100, delivery.done * 100 // delivery.total) if delivery.total else None


@views.app_template_global("delivery_progress")
def progress_words(delivery: Delivery) -> str:
    if delivery.state is State.WAITING:
        return str(gettext("It begins in a moment."))
    return str(wordlists.STAGES.get(delivery.stage, ""))


def get_declaration(slug: str) -> Declaration:
    return reading.find(slug) or abort(404)


def _get(declaration: Declaration, public_id: str) -> Delivery:
    return asking.find(declaration, public_id) or abort(404)


def _reader(value: str) -> Reader:
    return Reader(value) if value in [*Reader] else abort(404)


def posted(declaration: Declaration) -> OrderForm:
    """The order form as it was posted."""
    typed: MultiDict[str, str] = request.form
    reader = _reader(typed.get("reader", ""))
    return OrderForm.make(declaration, reader, readers.find(declaration, reader), posted=typed)


def is_good(form: OrderForm) -> bool:
    """Whether the form can be read, and its order may be given; what it may not, it says beside the field."""
    if not form.validate():
        return False
    try:
        ordering.check(form.order, form.declaration, reason=form.reason.data)
    except OrderRefused as refusal:
        field = {
            "languages": form.language,
            "shows": form.addressee,
            "with_addresses": form.with_addresses,
            "reason": form.reason,
            "age_key": form.encrypt,
        }[refusal.field]
        field.errors = [wordlists.REFUSALS[refusal.why]]
        return False
    return True


def _ask(declaration: Declaration, order: Any, reason: str) -> None:
    delivery = asking.ask(declaration, order, reason=reason, asked_by=guarding.current().public_id)
    acts.record_asked(delivery)
    db.session.commit()


def form_page(declaration: Declaration, form: OrderForm) -> str:
    reader = Reader(form.reader.data)
    return render_template(
        "deliveries/staff/new.html",
        declaration=declaration,
        form=form,
        reader=reader,
        known=readers.find(declaration, reader),
        may_show=readers.NAMES_AT_MOST[reader],
        may_have_addresses=reader in readers.MAY_HAVE_ADDRESSES,
    )


def _back(slug: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("deliveries_staff.deliveries", slug=slug, done=done or None), code=303)
