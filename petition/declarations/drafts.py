"""Drafts: what somebody wrote of a frame, a text or a section, kept until it is published or discarded."""

import hashlib
import json
import re
from typing import Any

from sqlalchemy import Select, delete, select

from petition import clock
from petition.declarations import sections, texts
from petition.declarations.models import Declaration, Draft
from petition.extensions import db

_BREAKING = re.compile(r"[ \t\r\n\f\v]+")
FRAME = "frame"
TEXT = "text"

Content = dict[str, Any]
"""Of a text its title, summary and body; of a section its title and body; of the frame see framing.py."""


class DraftChanged(Exception):
    """Somebody else has saved or published since this was opened; ``theirs`` is what stands there now."""

    def __init__(self, theirs: Content, draft: Draft | None) -> None:
        super().__init__("somebody else has changed this meanwhile")
        self.theirs = theirs
        self.draft = draft


def find(declaration: Declaration, part: str, language: str = "") -> Draft | None:
    return db.session.scalar(_of(declaration).where(Draft.part == part, Draft.language == language))


def drafts_of(declaration: Declaration) -> dict[tuple[str, str], Draft]:
    """By part and language."""
    return {(draft.part, draft.language): draft for draft in db.session.scalars(_of(declaration))}


def seen(draft: Draft | None, published: Content) -> str:
    """What an editor has before them, as a form carries it: which draft, over which published content."""
    canonical = json.dumps(published, sort_keys=True, ensure_ascii=False)
    return f"{draft.number if draft else 0}.{hashlib.sha256(canonical.encode()).hexdigest()[:16]}"


def save(
    declaration: Declaration,
    part: str,
    language: str,
    content: Content,
    *,
    published: Content,
    opened: str,
    by: str | None = None,
) -> None:
    """Keep what was written, unless another than what was ``opened`` is there now. Raises DraftChanged.

    What is published already needs no draft.
    """
    db.session.execute(select(Declaration.id).where(Declaration.id == declaration.id).with_for_update(key_share=True))
    draft = find(declaration, part, language)
    there = draft.content if draft else published
    if seen(draft, published) != opened and there != content:
        raise DraftChanged(there, draft)
    if content == published:
        discard(declaration, part, language)
        return
    if draft is None:
        draft = Draft(declaration_id=declaration.id, part=part, language=language, number=0)
        db.session.add(draft)
    draft.content = content
    draft.number += 1
    draft.saved_at = clock.now()
    draft.saved_by = by
    db.session.flush()


def discard(declaration: Declaration, part: str, language: str = "") -> None:
    """Remove the draft; without one nothing happens."""
    db.session.execute(
        delete(Draft).where(Draft.declaration_id == declaration.id, Draft.part == part, Draft.language == language)
    )


def content_of(part: str, source: str) -> Content:
    """What the fields of the editor hold of a published source."""
    if part == TEXT:
        values, body = texts.take_apart(source)
        return {"title": values.get("title", ""), "summary": values.get("summary", ""), "body": body.strip("\n")}
    title, body = sections.take_apart(source)
    return {"title": title, "body": body.strip("\n")}


def line(words: str) -> str:
    """On one line; spaces that do not break, as French and Spanish have them, stay."""
    return _BREAKING.sub(" ", words).strip(" ")


def empty(part: str) -> Content:
    return {"title": "", "summary": "", "body": ""} if part == TEXT else {"title": "", "body": ""}


def compose(part: str, content: Content) -> tuple[str, int]:
    """The file that the fields make, and how many of its lines stand before the body."""
    if part == TEXT:
        return texts.put_together(content["title"], content["summary"], content["body"]), 5
    return sections.put_together(content["title"], content["body"]), 2


def clean(part: str, typed: dict[str, str]) -> Content:
    """What was typed, as it is kept: lines end in one way, titles and summaries are one line."""
    content = {name: line(typed.get(name, "")) for name in empty(part)}
    content["body"] = typed.get("body", "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return content


def _of(declaration: Declaration) -> Select[Draft]:
    return select(Draft).where(Draft.declaration_id == declaration.id).order_by(Draft.id)
