"""The frame inside a partner's page: the form, and what comes after it, all below ``/embed/``."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import flask_babel
from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from petition import clock, languages
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.embed import dressing, frames
from petition.embed.frames import Frame
from petition.headers import let_frame, never_store
from petition.signatures import carrying, receiving, tickets
from petition.signatures.forms import CodeForm, SignForm
from petition.signatures.models import Channel
from petition.signatures.views import kept
from petition.tally import noting

views = Blueprint("embed", __name__, url_prefix="/embed/<slug>")
views.add_app_template_global(frames.around, "around_frame")


class NotCarried(Exception):
    """No partner of this name carries this declaration: nobody may frame it, and the page says so."""

    def __init__(self, declaration: Declaration, readable: list[str]) -> None:
        self.declaration, self.readable = declaration, readable


@views.errorhandler(NotCarried)
def show_not_carried(problem: NotCarried) -> ResponseReturnValue:
    """Whoever filled in the form while it was still offered is told so where they are, inside the partner's page."""
    # Only a post has a ticket.
    g.around = frames.remembered()
    framed = g.around.ancestors != frames.NOBODY
    asked = request.args.get("lang", "")
    if framed and asked in problem.readable:
        g.language = asked
        flask_babel.refresh()
    language = str(flask_babel.get_locale())
    shown = language if language in problem.readable else problem.readable[0]
    template = "embed/no_longer.html" if framed else "embed/not_carried.html"
    carried = carrying.read(request.args, problem.declaration.slug, shown)
    page = render_template(template, declaration=problem.declaration, language_there=shown, carried=carried)
    return never_store(make_response(page, 404))


@views.after_request
def let_only_the_partner_frame(response: Response) -> Response:
    """Whatever the answer is: errors too."""
    around = frames.around()
    response.headers["X-Robots-Tag"] = "noindex"
    if around.ancestors == frames.NOBODY:
        return response
    return let_frame(response, around.ancestors, style=dressing.source(around.style))


@views.get("")
def frame(slug: str) -> ResponseReturnValue:
    """The declaration in short, the count, the form. For all visitors of a partner the same, whatever the source."""
    frame = replace(get_frame(slug), source="")
    text = frame.text
    tally = noting.find(text.declaration_id) or abort(404)
    form = receiving.make_form(text, frame.carried, formdata=None)
    return kept(_page("embed/frame.html", frame, tally=tally, form=form, ticket=_ticket(frame, tally.as_of)))


@views.get("/sign")
def form(slug: str) -> ResponseReturnValue:
    """The form alone."""
    frame = get_frame(slug)
    return _form_page(frame, receiving.make_form(frame.text, frame.carried, formdata=None))


@views.post("")
@views.post("/sign")
@limit_posts
def sign(slug: str) -> ResponseReturnValue:
    """Sign. The form posts to the address that shows it, and so carries partner, language and source along."""
    frame = get_frame(slug)
    if not origins.is_ours() and request.headers.get("Origin") == "null":
        # A sandbox hides where the form was; it cannot be told from another site's.
        return never_store(make_response(_page("embed/elsewhere.html", frame), 403))
    return receiving.receive(
        frame.text,
        frame.carried,
        channel=Channel.EMBED,
        page=partial(_form_page, frame),
        thanks=url_for("embed.check_your_mail", slug=slug, **frame.query),
        embed=frame.bond,
    )


@views.get("/check-your-mail")
def check_your_mail(slug: str) -> ResponseReturnValue:
    """The thanks, and the field for the code, which leads to a page of ours that nobody can frame."""
    frame = get_frame(slug)
    return never_store(
        make_response(_page("embed/check_your_mail.html", frame, form=CodeForm(formdata=None), signed=True))
    )


def get_frame(slug: str) -> Frame:
    """The frame that the address asks for; from here on everything is said in its language. Raises NotCarried."""
    frame = frames.find_asked(slug)
    if frame is None:
        declaration = reading.find(slug) or abort(404)
        readable = [code for code in declaration.plan.languages if code in languages.NAMES] or abort(404)
        raise NotCarried(declaration, readable)
    g.around, g.language = frame.around, frame.text.language
    flask_babel.refresh()
    return frame


def _form_page(
    frame: Frame, form: SignForm, *, note: LazyString | None = None, status: int = 200
) -> ResponseReturnValue:
    page = _page("embed/sign.html", frame, form=form, note=note, ticket=_ticket(frame, clock.now()))
    return never_store(make_response(page, status))


def _page(template: str, frame: Frame, **values: Any) -> str:
    text = frame.text
    state = text.declaration.state_at(clock.now())
    return render_template(template, frame=frame, text=text, state=state, carried=frame.carried, **values)


def _ticket(frame: Frame, at: datetime) -> str:
    return tickets.make(frame.text, at=at, embed=frame.bond)
