"""A new declaration: enough of a frame to be kept, and a draft of its text; nobody sees it until it is published."""

from dataclasses import dataclass

from petition import clock
from petition.declarations import drafts, folders, frames, framing, publishing, reading
from petition.declarations.drafts import TEXT
from petition.declarations.framing import FormValues, FrameRefused
from petition.declarations.models import Declaration
from petition.declarations.plans import Frame
from petition.extensions import db


class SlugTaken(Exception):
    """There is a declaration of this slug."""


@dataclass(frozen=True)
class Beginning:
    """What is asked of a new declaration; everything else can be said later."""

    slug: str
    language: str
    title: str
    addressee: str
    organiser: str
    contact: str
    time_zone: str


def begin(given: Beginning, *, by: str | None = None) -> Declaration:
    """Keep the new declaration. The words of the consent are the sample’s until others are given.

    Raises SlugTaken and FrameRefused.
    """
    values = FormValues(_values(given))
    values.languages = frames.languages_of(values)
    slug, plan = frames.slug_of(values), frames.plan_of(values)
    if not values.sound:
        raise FrameRefused(values.problems)
    if reading.find(slug) is not None:
        raise SlugTaken
    declaration = Declaration(slug=slug)
    db.session.add(declaration)
    publishing.apply(declaration, Frame(slug, False, clock.now(), None, plan))
    db.session.flush()
    content = {**drafts.empty(TEXT), "title": drafts.line(given.title)}
    published = drafts.empty(TEXT)
    opened = drafts.seen(None, published)
    drafts.save(declaration, TEXT, given.language, content, published=published, opened=opened, by=by)
    return declaration


def _values(given: Beginning) -> dict[str, object]:
    sample = framing.content_of(folders.read(folders.SAMPLE).frame.plan)
    agree = sample["consents"]["agree"].get(given.language, "")
    words = drafts.line(given.addressee)
    return {
        "slug": given.slug,
        "languages": [given.language],
        "time_zone": given.time_zone,
        "addressee": {given.language: words} if words else {},
        "organisers": [{"name": given.organiser, **({"contact": given.contact} if given.contact else {})}],
        "consents": {"agree": {given.language: agree}},
    }
