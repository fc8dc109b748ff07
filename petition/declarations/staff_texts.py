"""Staff pages of one text: write it with a preview beside it, and compare its versions."""

from types import SimpleNamespace
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from sqlalchemy import select

from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.accounts.models import Account
from petition.declarations import counting, differing, drafts, markdown, pending, reading, texts
from petition.declarations.drafts import TEXT, Content, DraftChanged
from petition.declarations.models import DeclarationText, Draft
from petition.declarations.pending import PARTS, Desk, Problem
from petition.declarations.staff import get_desk, page, views
from petition.extensions import db

__all__ = ["views"]

CHANGED = lazy_gettext(
    "Somebody else has changed this since you opened it. Nothing of yours is lost: compare below, bring together what "
    "is to stay, and save again."
)


@views.get("/<slug>/texts/<language:language>")
@guarding.staff(Duty.TEXTS)
def text(slug: str, language: str) -> ResponseReturnValue:
    """The editor of a text, or with ``part`` of a section."""
    desk, part = _open(slug, language)
    return _editor(desk, part, language, desk.content(part, language))


@views.post("/<slug>/texts/<language:language>")
@guarding.write_limit
@guarding.staff(Duty.TEXTS)
def save_text(slug: str, language: str) -> ResponseReturnValue:
    """Save what was written as a draft; or only show it, or discard the draft."""
    desk, part = _open(slug, language)
    content = drafts.clean(part, request.form)
    asked = request.form.get("do", "save")
    if asked == "preview":
        return _editor(desk, part, language, content, opened=request.form.get("opened"))
    if asked == "discard":
        drafts.discard(desk.declaration, part, language)
        trail.record("declaration.discarded", scope=desk.declaration.id, subject=slug, part=part, language=language)
        db.session.commit()
        return redirect(url_for("declarations_staff.texts", slug=slug, done="discarded"), code=303)
    try:
        drafts.save(
            desk.declaration,
            part,
            language,
            content,
            published=desk.published(part, language),
            opened=request.form.get("opened", ""),
            by=guarding.current().public_id,
        )
    except DraftChanged as refusal:
        return _editor(desk, part, language, content, changed=refusal)
    trail.record("declaration.drafted", scope=desk.declaration.id, subject=slug, part=part, language=language)
    db.session.commit()
    there = url_for("declarations_staff.text", slug=slug, language=language, part=part, done="saved")
    return redirect(there, code=303)


@views.post("/<slug>/texts/<language:language>/preview")
@guarding.write_limit
@guarding.staff(Duty.TEXTS, writes=False)
def preview(slug: str, language: str) -> ResponseReturnValue:
    """What was written, as the page will show it; the script asks for it while somebody writes."""
    _, part = _open(slug, language)
    # Nothing is written: nobody has to wait until it is rendered.
    db.session.rollback()
    content = drafts.clean(part, request.form)
    return page("_preview.html", **_preview(part, language, content), lang=language)


@views.get("/<slug>/texts/<language:language>/versions")
@guarding.staff(Duty.TEXTS)
def versions(slug: str, language: str) -> ResponseReturnValue:
    """Every version of a text, how many signed it, and what one changed against the one before."""
    desk = get_desk(slug)
    found = reading.versions(desk.declaration, language) or abort(404)
    chosen = next((text for text in found if str(text.number) == request.args.get("number")), found[0])
    before = next((text for text in found if text.number == chosen.number - 1), None)
    return page(
        "versions.html",
        declaration=desk.declaration,
        lang=language,
        versions=found,
        signed=counting.count([text.id for text in found]),
        chosen=chosen,
        before=before,
        differences=differing.compare(whole(before), whole(chosen)) if before else [],
    )


def whole(text: DeclarationText) -> str:
    """Title, summary and body, for comparing."""
    return "\n\n".join((text.title, text.summary, texts.take_apart(text.source)[1]))


def _open(slug: str, language: str) -> tuple[Desk, str]:
    desk, part = get_desk(slug), request.args.get("part", TEXT)
    if part not in PARTS or language not in desk.languages:
        abort(404)
    return desk, part


def _editor(
    desk: Desk,
    part: str,
    language: str,
    content: Content,
    *,
    opened: str | None = None,
    changed: DraftChanged | None = None,
) -> Response:
    note: LazyString | None = CHANGED if changed else None
    first = desk.plan.languages[0]
    draft = desk.draft(part, language)
    return page(
        "text.html",
        409 if changed else 200,
        declaration=desk.declaration,
        desk=desk,
        part=part,
        lang=language,
        content=content,
        opened=opened or desk.seen(part, language),
        note=note,
        differences=_compare(content, changed.theirs) if changed else [],
        draft=draft,
        by=_name_of(draft),
        original=_preview(part, first, desk.content(part, first))["text"] if language != first else None,
        first=first,
        done=request.args.get("done"),
        **_preview(part, language, content),
    )


def _preview(part: str, language: str, content: Content) -> dict[str, Any]:
    """The safe HTML, also of what cannot be published yet, and why it cannot."""
    problems: list[Problem] = []
    if part == TEXT:
        pending.read_text(language, content, problems)
    else:
        pending.read_section(part, language, content, problems)
    too_large = any(problem.field == "body" and not problem.line for problem in problems)
    body = "" if too_large else content["body"]
    html = markdown.render(body, language=language, document=part, demote=0 if part == TEXT else 1)
    shown = SimpleNamespace(title=content["title"], summary=content.get("summary", ""), html=html)
    return {"text": shown, "problems": problems}


def _compare(mine: Content, theirs: Content) -> list[differing.Paragraph]:
    """What saving mine would change in theirs."""
    return differing.compare("\n\n".join(theirs.values()), "\n\n".join(mine.values()))


def _name_of(draft: Draft | None) -> str:
    if draft is None or draft.saved_by is None:
        return ""
    return db.session.scalar(select(Account.name).where(Account.public_id == draft.saved_by)) or ""
