"""The staff page of the frame: everything that declaration.toml says, but for what takes effect at once."""

from zoneinfo import available_timezones

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale

from petition import countries, languages
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.declarations import asking, drafts, framing
from petition.declarations.drafts import FRAME, Content, DraftChanged
from petition.declarations.frame_forms import FrameForm, rearrange
from petition.declarations.framing import FrameRefused
from petition.declarations.pending import Desk
from petition.declarations.plans import OPTIONAL_FIELDS
from petition.declarations.staff import get_desk, page, views
from petition.declarations.staff_texts import CHANGED
from petition.extensions import db

__all__ = ["views"]


@views.get("/<slug>/frame")
@guarding.staff(Duty.TEXTS)
def frame(slug: str) -> ResponseReturnValue:
    desk = get_desk(slug)
    return _frame_page(desk, desk.content(FRAME))


@views.post("/<slug>/frame")
@guarding.write_limit
@guarding.staff(Duty.TEXTS)
def save_frame(slug: str) -> ResponseReturnValue:
    """Save the settings as a draft; or add, remove or move a row, with nothing saved and nothing lost."""
    desk = get_desk(slug)
    content = FrameForm(request.form, desk.content(FRAME)).content()
    opened = request.form.get("opened", "")
    moves = {name: request.form[name] for name in ("add", "remove", "up") if name in request.form}
    if moves or "show" in request.form:
        return _frame_page(desk, rearrange(content, **moves), opened=opened)
    if "discard" in request.form:
        drafts.discard(desk.declaration, FRAME)
        trail.record("declaration.discarded", scope=desk.declaration.id, subject=slug, part=FRAME)
        db.session.commit()
        return redirect(url_for("declarations_staff.frame", slug=slug, done="discarded"), code=303)
    try:
        framing.plan_of(content, desk.plan)
        drafts.save(
            desk.declaration,
            FRAME,
            "",
            content,
            published=desk.published(FRAME),
            opened=opened,
            by=guarding.current().public_id,
        )
    except FrameRefused as refusal:
        return _frame_page(desk, content, opened=opened, problems=refusal.problems, status=422)
    except DraftChanged:
        return _frame_page(desk, content, note=CHANGED, status=409)
    trail.record("declaration.drafted", scope=desk.declaration.id, subject=slug, part=FRAME)
    db.session.commit()
    return redirect(url_for("declarations_staff.frame", slug=slug, done="saved"), code=303)


def _frame_page(
    desk: Desk,
    content: Content,
    *,
    opened: str | None = None,
    problems: dict[str, str] | None = None,
    note: LazyString | None = None,
    status: int = 200,
) -> Response:
    return page(
        "frame.html",
        status,
        declaration=desk.declaration,
        desk=desk,
        content=content,
        settings=framing.differences(desk.content(FRAME), content) if note else [],
        opened=opened or desk.seen(FRAME),
        problems=problems or {},
        note=note,
        draft=desk.draft(FRAME),
        known=languages.NAMES,
        zones=sorted(available_timezones()),
        optional=OPTIONAL_FIELDS,
        asked=asking.ASKED,
        countries=lambda chosen: countries.options(str(get_locale()), chosen),
        done=request.args.get("done"),
    )
