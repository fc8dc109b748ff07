"""The queue: signatures that are held, and organisations that wait for a decision."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.endorsements import judging
from petition.extensions import db
from petition.moderation import deciding
from petition.moderation.deciding import OPPOSITE, Ruling
from petition.moderation.refusals import NothingChosen
from petition.signatures import finding, histories, moderating
from petition.signatures.finding import Page, Wanted
from petition.signatures.models import Signature, State, Verdict
from petition.signatures.refusals import NoSuchPlace, Refusal
from petition.signatures.staff_forms import STATE_WORDS, DecideForm

views = Blueprint("moderation_staff", __name__, url_prefix="/console/declarations/<slug>")

OFFERED = (Verdict.APPROVED, Verdict.INVALIDATED)
"""What may become of what is held."""


@views.get("/held")
@staff(Duty.SIGNATURES)
def held(slug: str) -> ResponseReturnValue:
    declaration = _declaration(slug)
    places = {name: request.args[name] for name in ("before", "after") if name in request.args}
    if len(places) > 1:
        abort(404)
    try:
        page = finding.find(declaration, Wanted(state=State.HELD), **places)
    except NoSuchPlace:
        abort(404)
    return _queue(declaration, page)


@views.post("/held")
@write_limit
@staff(Duty.SIGNATURES)
def decide(slug: str) -> ResponseReturnValue:
    """One decision about all that are ticked; then the page from which it is undone."""
    declaration, form = _declaration(slug), DecideForm()
    if request.form.get("verdict") not in set(Verdict):
        abort(400)
    verdict = Verdict(request.form["verdict"])
    ids, by = request.form.getlist("id"), guarding.current().public_id
    try:
        changed = deciding.decide(declaration, ids, verdict, reason=form.reason.data or "", by=by)
    except (Refusal, NothingChosen) as refusal:
        form.reason.errors = [refusal.sentence]
        page = finding.find(declaration, Wanted(state=State.HELD))
        return _queue(declaration, page, form=form, ticked=set(ids)), refusal.status
    decided = [signature.public_id for signature in changed]
    db.session.commit()
    return redirect(url_for("moderation_staff.decided", slug=slug, verdict=verdict, id=decided), code=303)


@views.get("/held/decided")
@staff(Duty.SIGNATURES)
def decided(slug: str) -> ResponseReturnValue:
    """What was just decided, with the reverse decision at hand."""
    declaration = _declaration(slug)
    if request.args.get("verdict") not in set(Verdict):
        return redirect(url_for("moderation_staff.held", slug=slug), code=303)
    verdict = Verdict(request.args["verdict"])
    undoing = moderating.OPPOSITE[verdict]
    ids = request.args.getlist("id")[: deciding.MOST]
    found = [row for each in ids if (row := finding.find_signature(declaration, each))]
    return render_template(
        "moderation/decided.html",
        declaration=declaration,
        verdict=histories.DECIDED[verdict],
        rows=found,
        open_rows=[row for row in found if moderating.is_open_to(row, undoing)],
        undoing=undoing,
        undo=histories.BUTTONS[undoing],
        form=DecideForm(formdata=None),
        state_words=STATE_WORDS,
    )


@views.get("/organisations")
@staff(Duty.SIGNATURES)
def organisations(slug: str) -> ResponseReturnValue:
    return _organisations(_declaration(slug))


@views.post("/organisations")
@write_limit
@staff(Duty.SIGNATURES)
def rule(slug: str) -> ResponseReturnValue:
    """Approve or decline all that are ticked; each may be decided otherwise on the same page."""
    declaration, form = _declaration(slug), DecideForm()
    if request.form.get("verdict") not in set(Ruling):
        abort(400)
    ruling, ids = Ruling(request.form["verdict"]), request.form.getlist("id")
    try:
        changed = deciding.rule(declaration, ids, ruling, reason=form.reason.data or "")
    except (Refusal, NothingChosen) as refusal:
        form.reason.errors = [refusal.sentence]
        return _organisations(declaration, form=form, ticked=set(ids)), refusal.status
    ruled = [endorsement.public_id for endorsement in changed]
    db.session.commit()
    target = url_for("moderation_staff.organisations", slug=slug, done=ruling, id=ruled)
    return redirect(target, code=303)


def _declaration(slug: str) -> Declaration:
    return reading.find(slug) or abort(404)


def _queue(declaration: Declaration, page: Page, **given: Any) -> str:
    values: dict[str, Any] = {"form": DecideForm(formdata=None), "ticked": set(), **given}
    for way, cursor in (("before", page.before), ("after", page.after)):
        asked: dict[str, Any] = {way: cursor}
        values[way] = cursor and url_for("moderation_staff.held", slug=declaration.slug, **asked)
    rows: Sequence[Any] = page.rows
    return render_template(
        "moderation/held.html",
        declaration=declaration,
        rows=rows,
        reasons={row.public_id: _last_reason(row) for row in rows},
        offered={verdict: histories.BUTTONS[verdict] for verdict in OFFERED},
        waiting=judging.count_waiting(declaration),
        **values,
    )


def _last_reason(signature: Signature) -> str:
    return signature.decisions[-1].reason if signature.decisions else ""


def _organisations(declaration: Declaration, **given: Any) -> str:
    done = request.args.get("done")
    values = {
        "form": DecideForm(formdata=None),
        "ticked": set(request.args.getlist("id")) if done in set(Ruling) else set(),
        "done": done,
        "undoing": OPPOSITE[Ruling(done)] if done in set(Ruling) else None,
        **given,
    }
    cases = judging.cases(declaration)
    return render_template("moderation/organisations.html", declaration=declaration, cases=cases, **values)
