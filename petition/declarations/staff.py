"""Staff pages of declarations: a new one, and all texts in all languages side by side."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petition import clock, languages
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.declarations import beginning, differing, drafts, following, publishing, reading
from petition.declarations.beginning import Beginning, SlugTaken
from petition.declarations.drafts import FRAME, TEXT
from petition.declarations.framing import FrameRefused
from petition.declarations.models import Declaration, Draft
from petition.declarations.pending import PARTS, Desk
from petition.declarations.plans import Frame
from petition.declarations.saving import frame_of
from petition.extensions import db

views = Blueprint("declarations_staff", __name__, url_prefix="/console/declarations")
views.add_app_template_filter(differing.shorten, "shortened")


@dataclass(frozen=True)
class Cell:
    """One part in one language, as the overview shows it."""

    part: str
    language: str
    title: str
    number: int | None
    """Of the version that is published; sections have none."""
    published_at: datetime | None
    published: bool
    needed: bool
    """It is there in another language, or it is the text."""
    outdated: bool
    draft: Draft | None


def get(slug: str) -> Declaration:
    """The declaration; for a post its row is locked, so that two who publish at once do it one after the other."""
    found = reading.find_locked(slug) if request.method == "POST" else reading.find(slug)
    return found or abort(404)


def get_desk(slug: str) -> Desk:
    return Desk(get(slug))


def take_effect() -> None:
    """What was committed shows at once in the pages that this process gives; in others’ within two seconds."""
    reading.forget()
    current_app.extensions["petition.shelf"].clear()


def page(template: str, status: int = 200, **values: object) -> Response:
    return make_response(render_template(f"declarations/{template}", parts=part_names(), **values), status)


def part_names() -> dict[str, str]:
    return {
        TEXT: gettext("Text"),
        "why": gettext("Why now"),
        "conveners": gettext("Who convened it"),
        "delivery": gettext("Delivery"),
        "questions": gettext("Questions"),
        FRAME: gettext("Settings"),
    }


@views.get("/new")
@guarding.staff(Duty.STATE)
def new() -> ResponseReturnValue:
    """Whoever organises all declarations begins another, and gives it to others."""
    _refuse_unless_everywhere()
    return _new_page(Beginning("", str(guarding.current().language), "", "", "", "", "UTC"), {})


@views.post("/new")
@guarding.write_limit
@guarding.staff(Duty.STATE)
def begin() -> ResponseReturnValue:
    _refuse_unless_everywhere()
    given = Beginning(**{name: drafts.line(request.form.get(name, "")) for name in Beginning.__annotations__})
    problems = {} if given.title else {"title": gettext("Please give the text a title.")}
    try:
        if problems:
            raise FrameRefused(problems)
        declaration = beginning.begin(given, by=guarding.current().public_id)
    except SlugTaken:
        return _new_page(given, {"slug": gettext("There is a declaration of this name already.")}, 422)
    except FrameRefused as refusal:
        return _new_page(given, refusal.problems, 422)
    trail.record("declaration.created", scope=declaration.id, subject=declaration.slug)
    db.session.commit()
    return redirect(url_for("declarations_staff.texts", slug=given.slug), code=303)


@views.get("/<slug>/texts")
@guarding.staff(Duty.TEXTS)
def texts(slug: str) -> ResponseReturnValue:
    """Every part in every language: what is published, missing, outdated or drafted."""
    desk = get_desk(slug)
    table = [(part, [_cell(desk, part, language) for language in desk.languages]) for part in PARTS]
    return page(
        "texts.html",
        declaration=desk.declaration,
        desk=desk,
        table=table,
        may_begin=guarding.everywhere(Duty.STATE),
        done=request.args.get("done"),
    )


@views.post("/<slug>/texts")
@guarding.write_limit
@guarding.staff(Duty.TEXTS)
def confirm(slug: str) -> ResponseReturnValue:
    """Somebody has looked: a translation still says what the first language says now."""
    desk = get_desk(slug)
    part, language = request.form.get("part", ""), request.form.get("language", "")
    if not _can_follow(desk, part, language):
        abort(400)
    first = desk.plan.languages[0]
    if part == TEXT:
        following.confirm(desk.current[language], first=desk.current[first])
    else:
        plan = following.confirm_section(desk.declaration, language, part)
        frame = frame_of(desk.declaration)
        publishing.store(desk.declaration, Frame(frame.slug, frame.featured, frame.opens_at, frame.closes_at, plan))
    trail.record("declaration.confirmed", scope=desk.declaration.id, subject=slug, part=part, language=language)
    db.session.commit()
    return redirect(url_for("declarations_staff.texts", slug=slug, done="confirmed"), code=303)


def _can_follow(desk: Desk, part: str, language: str) -> bool:
    first = desk.plan.languages[0]
    if language == first or language not in desk.plan.languages or part not in PARTS:
        return False
    return bool(desk.source(part, language) and desk.source(part, first))


def _cell(desk: Desk, part: str, language: str) -> Cell:
    first, text = desk.plan.languages[0], desk.current.get(language)
    section = desk.section(language, part)
    if part == TEXT:
        outdated = bool(text and following.is_outdated(text, desk.current.get(first)))
    else:
        outdated = bool(section and following.is_section_outdated(section, desk.section(first, part)))
    dated = text if part == TEXT else None
    draft = desk.draft(part, language)
    title = draft.content["title"] if draft else dated.title if dated else section.title if section else ""
    needed = part == TEXT or any(desk.section(each, part) or desk.draft(part, each) for each in desk.languages)
    return Cell(
        part,
        language,
        title,
        dated.number if dated else None,
        dated.published_at if dated else None,
        bool(dated or section),
        needed,
        outdated,
        draft,
    )


def _refuse_unless_everywhere() -> None:
    if not guarding.everywhere(Duty.STATE):
        abort(403)


def _new_page(given: Beginning, problems: dict[str, str], status: int = 200) -> Response:
    names = {"organisers-0-name": "organiser", "organisers-0-contact": "contact", "organisers-0": "organiser"}
    told = {names.get(field, field.partition("-")[0]): sentence for field, sentence in problems.items()}
    return page("new.html", status, given=given, problems=told, known=languages.NAMES, now=clock.now())
