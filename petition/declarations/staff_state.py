"""The staff page of a declaration’s state: open, pause, close, schedule, reopen, feature, and the way to deliver."""

from collections.abc import Callable

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from petition import clock
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.declarations import further, states
from petition.declarations.models import Declaration
from petition.declarations.staff import get, get_desk, page, take_effect, views
from petition.declarations.states import StateRefused
from petition.extensions import db

__all__ = ["views"]

DEEDS: dict[str, tuple[str, Callable[[Declaration], object]]] = {
    "open": ("declaration.opened", states.open_now),
    "pause": ("declaration.paused", states.pause),
    "resume": ("declaration.resumed", states.resume),
    "close": ("declaration.closed", states.close_now),
    "reopen": ("declaration.reopened", states.reopen),
    "feature": ("declaration.featured", lambda declaration: states.feature(declaration, featured=True)),
    "unfeature": ("declaration.unfeatured", lambda declaration: states.feature(declaration, featured=False)),
    "schedule": ("declaration.scheduled", lambda declaration: _schedule(declaration)),
}
FIRST_PAGE = ("feature", "unfeature")
"""Deeds about the whole site, for who organises all declarations."""


@views.get("/<slug>/state")
@guarding.staff(Duty.STATE)
def state(slug: str) -> ResponseReturnValue:
    return _state_page(get(slug))


@views.post("/<slug>/state")
@guarding.write_limit
@guarding.staff(Duty.STATE)
def change_state(slug: str) -> ResponseReturnValue:
    """Do what the button says; what the pages show of it changes at once."""
    declaration = get(slug)
    deed = request.form.get("do", "")
    if deed not in DEEDS:
        abort(400)
    if deed in FIRST_PAGE and not guarding.everywhere(Duty.STATE):
        abort(403)
    act, do = DEEDS[deed]
    try:
        do(declaration)
    except StateRefused as refusal:
        db.session.rollback()
        return _state_page(get(slug), refusal, typed=deed == "schedule")
    times = (declaration.opens_at, declaration.closes_at)
    opens_at, closes_at = (clock.iso(each) if each else None for each in times)
    trail.record(act, scope=declaration.id, subject=slug, opens_at=opens_at, closes_at=closes_at)
    db.session.commit()
    take_effect()
    return redirect(url_for("declarations_staff.state", slug=slug, done=deed), code=303)


def _schedule(declaration: Declaration) -> None:
    given = {name: request.form.get(f"{name}_at", "").strip() for name in ("opens", "closes")}
    states.schedule(declaration, **given)


def _state_page(declaration: Declaration, refusal: StateRefused | None = None, *, typed: bool = False) -> Response:
    zone = declaration.plan.time_zone
    times = {name: states.typed(getattr(declaration, name), zone) for name in ("opens_at", "closes_at")}
    if typed:
        times = {name: request.form.get(name, "") for name in times}
    return page(
        "state.html",
        422 if refusal else 200,
        declaration=declaration,
        desk=get_desk(declaration.slug),
        state=declaration.state_at(clock.now()),
        times=times,
        refusal=refusal,
        further=[deed for deed in further.deeds() if guarding.may(deed.duty, declaration.id)],
        may_feature=guarding.everywhere(Duty.STATE),
        done=request.args.get("done"),
    )
