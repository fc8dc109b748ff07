"""The staff's pages of a declaration's webhooks: add, switch on and off, change the secret, look, send again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound

from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.console.webhooks import acts, words
from petition.console.webhooks.forms import WebhookForm
from petition.declarations import reading as declarations
from petition.declarations.models import Declaration
from petition.declarations.notices import ORGANISERS
from petition.defence import clients
from petition.extensions import begin_writing, db
from petition.settings import Settings
from petition.webhooks import endpoints, events, listening, reading, replaying, targets
from petition.webhooks.models import WebhookEndpoint
from petition.webhooks.refusals import WebhookRefused

views = Blueprint("console_webhooks", __name__, url_prefix="/console/declarations/<slug>/webhooks")
DONE = {
    "enabled": lazy_gettext("The webhook is enabled. What waited for it is sent now."),
    "disabled": lazy_gettext("The webhook is disabled."),
    "replayed": lazy_gettext("It is sent again, under the id that it had."),
}
"""What a page says after a redirect with ``?done=``."""


@views.get("")
@guarding.staff(Duty.WEBHOOKS)
def listed(slug: str) -> ResponseReturnValue:
    return _list(_declaration(slug), WebhookForm(formdata=None))


@views.post("")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS, fresh=True, writes=False)
def add(slug: str) -> ResponseReturnValue:
    """Whoever adds an address has others' doings told to it, so it asks who it is.

    The name server is asked before the transaction begins: nobody who signs waits for it.
    """
    declaration, form = _declaration(slug), WebhookForm()
    form.fill()
    if not form.validate():
        return _list(declaration, form, status=422)
    try:
        target = targets.parse(form.url.data.strip())
        targets.find(target, allowed=_settings().webhook_networks)
        # The month's key may have to be made, in a transaction that would wait for this one.
        clients.network_hash()
        begin_writing()
        endpoint, secret = endpoints.add(target, owner=ORGANISERS, scope=declaration.id, hears=form.events.data)
    except WebhookRefused as refusal:
        db.session.rollback()
        form.url.errors = [refusal.sentence]
        return _list(_declaration(slug), form, status=422)
    acts.record("added", endpoint, url=endpoint.url, events=endpoint.events)
    return _committed(endpoint, secret)


@views.get("/<public_id>")
@guarding.staff(Duty.WEBHOOKS)
def one(slug: str, public_id: str) -> ResponseReturnValue:
    """How it fares: what waits, what fails, and what came of the last notices."""
    return _one(_endpoint(slug, public_id))


@views.post("/<public_id>/secret")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS, fresh=True)
def rotate(slug: str, public_id: str) -> ResponseReturnValue:
    endpoint = _endpoint(slug, public_id, find=endpoints.lock)
    secret = endpoints.rotate(endpoint)
    acts.record("rotated", endpoint)
    return _committed(endpoint, secret, rotated=True)


@views.post("/<public_id>/disable")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS)
def disable(slug: str, public_id: str) -> ResponseReturnValue:
    return _switch(slug, public_id, endpoints.disable, "disabled")


@views.post("/<public_id>/enable")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS)
def enable(slug: str, public_id: str) -> ResponseReturnValue:
    return _switch(slug, public_id, endpoints.enable, "enabled")


@views.post("/<public_id>/notices/<notice>/replay")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS)
def replay(slug: str, public_id: str, notice: str) -> ResponseReturnValue:
    endpoint = _endpoint(slug, public_id)
    found = replaying.find(endpoint, notice) or abort(404)
    try:
        if replaying.replay(found):
            acts.record("replayed", endpoint, notice=notice)
    except WebhookRefused as refusal:
        return _one(endpoint, refusal)
    db.session.commit()
    return redirect(url_for("console_webhooks.one", slug=slug, public_id=public_id, done="replayed"), code=303)


def _switch(slug: str, public_id: str, verb: Callable[[WebhookEndpoint], bool], done: str) -> ResponseReturnValue:
    endpoint = _endpoint(slug, public_id, find=endpoints.lock)
    try:
        if verb(endpoint):
            acts.record(done, endpoint)
    except WebhookRefused as refusal:
        return _one(endpoint, refusal)
    db.session.commit()
    listening.forget()
    here = url_for("console_webhooks.one", slug=slug, public_id=endpoint.public_id, done=done)
    return redirect(here, code=303)


def _committed(endpoint: WebhookEndpoint, secret: str, *, rotated: bool = False) -> ResponseReturnValue:
    """The page that shows the secret, this once; it is the answer to the post, because nothing keeps it."""
    db.session.commit()
    listening.forget()
    return _page("secret", endpoint=endpoint, secret=secret, rotated=rotated)


def _list(declaration: Declaration, form: WebhookForm, *, status: int = 200) -> Response:
    form.fill()
    found = endpoints.all_of(owner=ORGANISERS, scope=declaration.id)
    rows = [(endpoint, reading.standing(endpoint)) for endpoint in found]
    return _page("list", status, form=form, rows=rows)


def _one(endpoint: WebhookEndpoint, refusal: WebhookRefused | None = None) -> Response:
    return _page(
        "one",
        409 if refusal else 200,
        endpoint=endpoint,
        standing=reading.standing(endpoint),
        notices=reading.last(endpoint),
        refusal=refusal,
    )


def _page(name: str, status: int = 200, **values: Any) -> Response:
    page = render_template(
        f"console/webhooks/{name}.html",
        declaration=_declaration((request.view_args or {})["slug"]),
        words=words,
        labels={event: known.label for event, known in events.known().items()},
        most=reading.MOST_COUNTED,
        done=DONE.get(request.args.get("done", "")),
        **values,
    )
    return make_response(page, status)


def _endpoint(
    slug: str, public_id: str, *, find: Callable[[str], WebhookEndpoint | None] = endpoints.find
) -> WebhookEndpoint:
    endpoint = find(public_id)
    if endpoint is None or endpoint.owner != ORGANISERS or endpoint.scope != _declaration(slug).id:
        raise NotFound
    return endpoint


def _declaration(slug: str) -> Declaration:
    return declarations.find(slug) or abort(404)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings
