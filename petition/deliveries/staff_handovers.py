"""Staff names the readers of deliveries, and records that something was handed over."""

import unicodedata
from datetime import date
from typing import Any, cast

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from werkzeug.datastructures import MultiDict

from petition import clock
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading, telling
from petition.declarations.models import Declaration
from petition.declarations.staff import take_effect
from petition.deliveries import acts, asking, handing_over, readers
from petition.deliveries import staff as staff_views
from petition.deliveries.forms import MOST_WORDS, HandoverForm, ReaderForm
from petition.deliveries.models import Delivery
from petition.deliveries.staff import DONE, get_declaration
from petition.extensions import db
from petition.staging.orders import Reader

views = staff_views.views
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn")


@views.get("/readers")
@staff(Duty.DELIVERIES)
def all_readers(slug: str) -> ResponseReturnValue:
    return _readers_page(get_declaration(slug))


@views.post("/readers/<reader>")
@write_limit
@staff(Duty.DELIVERIES, fresh=True)
def keep_reader(slug: str, reader: str) -> ResponseReturnValue:
    """Another key would have deliveries encrypted for somebody else, so it asks who it is."""
    declaration = get_declaration(slug)
    kind = Reader(reader) if reader in [*Reader] else abort(404)
    form = ReaderForm(prefix=f"{kind}-")
    if not form.validate():
        return _readers_page(declaration, {kind: form}), 422
    row = readers.keep(declaration, kind, name=form.name.data or "", age_key=form.age_key.data or None)
    acts.record_reader(row)
    db.session.commit()
    return redirect(url_for("deliveries_staff.all_readers", slug=slug, done="reader"), code=303)


@views.get("/handovers/new")
@staff(Duty.DELIVERIES)
def new_handover(slug: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    form = HandoverForm(formdata=None, handed_on=clock.now().date(), delivery=request.args.get("delivery", ""))
    form.handed_to.data = declaration.plan.addressee[declaration.plan.languages[0]]
    return _handover_page(declaration, form, {}, {})


@views.post("/handovers")
@write_limit
@staff(Duty.DELIVERIES)
def record_handover(slug: str) -> ResponseReturnValue:
    declaration = _locked(slug)
    form = HandoverForm()
    words, wrong = _words(declaration, request.form)
    delivery = _delivered(declaration, form.delivery.data)
    valid = form.validate()
    if form.delivery.data and delivery is None:
        form.delivery.errors = [gettext("Please choose one of these.")]
        valid = False
    if not valid or wrong:
        return _handover_page(declaration, form, words, wrong), 422
    handover = handing_over.record(
        declaration,
        handed_on=cast(date, form.handed_on.data),
        place=form.place.data,
        handed_by=form.handed_by.data,
        handed_to=form.handed_to.data,
        words=words,
        photos=form.links,
        delivery=delivery,
    )
    acts.record_handover(declaration, handover, delivery)
    db.session.commit()
    take_effect()
    return redirect(url_for("deliveries_staff.deliveries", slug=slug, done="recorded"), code=303)


@views.post("/handovers/<public_id>/withdraw")
@write_limit
@staff(Duty.DELIVERIES)
def withdraw_handover(slug: str, public_id: str) -> ResponseReturnValue:
    declaration = _locked(slug)
    handover = telling.find(declaration, public_id) or abort(404)
    telling.take_back(declaration, handover)
    acts.record_handover_withdrawn(declaration, handover)
    db.session.commit()
    take_effect()
    return redirect(url_for("deliveries_staff.deliveries", slug=slug, done="withdrawn"), code=303)


def _locked(slug: str) -> Declaration:
    """Hand-overs are told in the declaration's plan: of two who record at once, the later one adds to the earlier's."""
    return reading.find_locked(slug) or abort(404)


def _words(declaration: Declaration, posted: MultiDict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed in each language, and what is wrong with it."""
    words = {language: posted.get(f"words-{language}", "").strip() for language in declaration.plan.languages}
    wrong = {}
    for language, said in words.items():
        if len(said) > MOST_WORDS:
            wrong[language] = gettext("Please use at most %(most)s characters.", most=MOST_WORDS)
        elif any(unicodedata.category(char) in _UNPRINTABLE for char in said if char not in "\r\n\u200c\u200d"):
            wrong[language] = gettext("Please leave out characters that cannot be printed.")
    return {language: said.replace("\r\n", "\n") for language, said in words.items()}, wrong


def _delivered(declaration: Declaration, public_id: str | None) -> Delivery | None:
    """The delivery of this id, if it was finished; a file that has gone may well have been handed over."""
    found = asking.find(declaration, public_id or "")
    return found if found is not None and found.finished_at is not None else None


def _handover_page(declaration: Declaration, form: HandoverForm, words: dict[str, str], wrong: dict[str, str]) -> str:
    finished = [each for each in asking.newest(declaration) if each.finished_at and each.as_of]
    form.delivery.choices = {
        "": gettext("Something else"),
        **{each.public_id: f"{each.file_name} · {format_date(each.as_of)}" for each in finished},
    }
    return render_template(
        "deliveries/staff/handover.html", declaration=declaration, form=form, words=words, wrong=wrong
    )


def _readers_page(declaration: Declaration, posted: dict[Reader, ReaderForm] | None = None) -> str:
    known = readers.of(declaration)
    forms: dict[Reader, Any] = {}
    for kind in Reader:
        row = known.get(kind)
        forms[kind] = (posted or {}).get(kind) or ReaderForm(
            formdata=None, prefix=f"{kind}-", name=row.name if row else "", age_key=(row.age_key if row else None) or ""
        )
    return render_template(
        "deliveries/staff/readers.html",
        declaration=declaration,
        forms=forms,
        done=DONE.get(request.args.get("done", "")),
    )
