"""The staff page on which drafts are published: what changes, how many signed what is there, and a button."""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.declarations import counting, differing, drafts, framing, publishing
from petition.declarations.drafts import FRAME, TEXT
from petition.declarations.models import DeclarationText
from petition.declarations.pending import PARTS, Desk, Key, NotReady, Problem
from petition.declarations.staff import get_desk, page, take_effect, views
from petition.extensions import db

__all__ = ["views"]


@dataclass(frozen=True)
class Change:
    """A draft as the page shows it."""

    part: str
    language: str
    seen: str
    paragraphs: list[differing.Paragraph]
    settings: list[tuple[str, str, str]]
    """Of the frame: what is set, what it was, and what it will be."""
    current: DeclarationText | None
    signed: int
    chosen: bool

    @property
    def value(self) -> str:
        """As the form carries it: which draft, and in which state it was shown."""
        return f"{self.part}/{self.language}/{self.seen}"


@views.get("/<slug>/publish")
@guarding.staff(Duty.TEXTS)
def drafted(slug: str) -> ResponseReturnValue:
    """Every draft, with its difference."""
    desk = get_desk(slug)
    return _drafts_page(desk, set(desk.drafts))


@views.post("/<slug>/publish")
@guarding.write_limit
@guarding.staff(Duty.TEXTS)
def publish(slug: str) -> ResponseReturnValue:
    """Publish the drafts that were ticked, exactly as they were shown, all or none."""
    desk = get_desk(slug)
    shown = {_value(desk, key): key for key in desk.drafts}
    ticked = request.form.getlist("draft")
    chosen = {shown[value] for value in ticked if value in shown}
    if not chosen or len(chosen) < len(set(ticked)):
        return _drafts_page(desk, chosen, moved=bool(ticked), status=409 if ticked else 422)
    try:
        published = publishing.publish(desk.folder(chosen))
    except NotReady as refusal:
        return _drafts_page(desk, chosen, problems=refusal.problems, status=422)
    for part, language in chosen:
        drafts.discard(desk.declaration, part, language)
    trail.record(
        "declaration.published",
        scope=desk.declaration.id,
        subject=slug,
        texts=list(published.changed),
        parts=sorted(f"{part} {language}".strip() for part, language in chosen),
    )
    db.session.commit()
    take_effect()
    return redirect(url_for("declarations_staff.texts", slug=slug, done="published"), code=303)


def _drafts_page(
    desk: Desk,
    chosen: set[Key],
    *,
    problems: list[Problem] | None = None,
    moved: bool = False,
    status: int = 200,
) -> Response:
    if problems is None:
        problems = _problems(desk, chosen)
    changes = [_change(desk, key, key in chosen) for key in sorted(desk.drafts, key=_in_order(desk))]
    return page(
        "publish.html",
        status,
        declaration=desk.declaration,
        desk=desk,
        changes=changes,
        problems=problems,
        moved=moved,
        nothing=status == 422 and not chosen,
    )


def _problems(desk: Desk, chosen: set[Key]) -> list[Problem]:
    try:
        desk.folder(chosen)
    except NotReady as refusal:
        return refusal.problems
    return []


def _in_order(desk: Desk) -> Any:
    order = [FRAME, *PARTS]
    languages = ["", *desk.languages]
    return lambda key: (order.index(key[0]), languages.index(key[1]) if key[1] in languages else len(languages))


def _change(desk: Desk, key: Key, chosen: bool) -> Change:
    part, language = key
    current = desk.current.get(language) if part == TEXT else None
    return Change(
        part,
        language,
        desk.seen(part, language),
        [] if part == FRAME else desk.differences(part, language),
        framing.differences(desk.published(FRAME), desk.content(FRAME)) if part == FRAME else [],
        current,
        counting.count([current.id])[current.id] if current else 0,
        chosen,
    )


def _value(desk: Desk, key: Key) -> str:
    return f"{key[0]}/{key[1]}/{desk.seen(*key)}"
