"""Publish what a folder holds: new texts become new versions, and nothing that was signed changes."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select, update

from petition import clock
from petition.declarations import following, handovers, reading
from petition.declarations.folders import Folder
from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.plans import Frame
from petition.declarations.texts import Text
from petition.extensions import db
from petition.tally import noting


@dataclass(frozen=True)
class Published:
    """What came of it: the declaration, and the languages whose text is new or current again."""

    declaration: Declaration
    changed: tuple[str, ...]
    frame_changed: bool


def publish(folder: Folder) -> Published:
    """Store the folder's declaration and texts; publishing the same folder again changes nothing.

    A hand-over that the console recorded stays, also where the folder does not know it: a folder is often older.
    """
    declaration = reading.find_locked(folder.frame.slug)
    if declaration is None:
        declaration = Declaration(slug=folder.frame.slug)
        db.session.add(declaration)
    frame_changed = apply(declaration, _with_recorded(declaration, folder.frame))
    db.session.flush()
    noting.start(declaration.id)
    first = folder.texts[0].sha256
    changed = tuple(text.language for text in folder.texts if _make_current(declaration, text, follows=first))
    _retire_dropped_languages(declaration, folder.frame.plan.languages)
    return Published(declaration, changed, frame_changed)


def _with_recorded(declaration: Declaration, frame: Frame) -> Frame:
    """The frame, with the hand-overs that were recorded and that it does not mention."""
    if not declaration.stored_plan:
        return frame
    plan = frame.plan
    mentioned = {each.record for each in plan.handovers}
    kept = [each for each in declaration.plan.handovers if each.record and each.record not in mentioned]
    if not kept:
        return frame
    told = [*plan.handovers, *(each.within(plan.languages) for each in kept)]
    return replace(frame, plan=replace(plan, handovers=handovers.in_order(told)))


def apply(declaration: Declaration, frame: Frame) -> bool:
    """Store what stands around the texts; says whether anything changed."""
    known = declaration.plan if declaration.stored_plan else None
    return store(declaration, replace(frame, plan=following.follow(frame.plan, known)))


def store(declaration: Declaration, frame: Frame) -> bool:
    """The same, with what each section follows as the plan says it."""
    values = {
        "featured": frame.featured,
        "opens_at": frame.opens_at,
        "closes_at": frame.closes_at,
        "stored_plan": frame.plan.to_json(),
    }
    if all(getattr(declaration, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(declaration, name, value)
    # The plan that this object may have read is the one before.
    for name in ("plan", "wordings_digest"):
        vars(declaration).pop(name, None)
    declaration.updated_at = clock.now()
    return True


def _make_current(declaration: Declaration, text: Text, *, follows: str) -> bool:
    """``follows`` is the SHA-256 of the first language’s text that is published with it."""
    followed = follows if text.sha256 != follows else None
    query = select(DeclarationText).where(
        DeclarationText.declaration_id == declaration.id,
        DeclarationText.language == text.language,
    )
    known = db.session.scalar(query.where(DeclarationText.sha256 == text.sha256))
    if known is not None and known.current:
        return False
    _retire(declaration, text.language)
    if known is not None:
        known.current = True
        known.follows = followed
        return True
    number = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    version = DeclarationText(
        declaration_id=declaration.id,
        language=text.language,
        number=number + 1,
        sha256=text.sha256,
        title=text.title,
        summary=text.summary,
        source=text.source,
        html=text.html,
        published_at=clock.now(),
        current=True,
        follows=followed,
    )
    db.session.add(version)
    db.session.flush()
    return True


def _retire(declaration: Declaration, *languages: str) -> None:
    """Let the current texts of these languages be current no longer; their versions stay."""
    current = update(DeclarationText).where(
        DeclarationText.declaration_id == declaration.id,
        DeclarationText.language.in_(languages),
        DeclarationText.current,
    )
    db.session.execute(current.values(current=False))


def _retire_dropped_languages(declaration: Declaration, languages: tuple[str, ...]) -> None:
    query = select(DeclarationText.language).where(
        DeclarationText.declaration_id == declaration.id,
        DeclarationText.current,
        DeclarationText.language.not_in(languages),
    )
    _retire(declaration, *db.session.scalars(query))
