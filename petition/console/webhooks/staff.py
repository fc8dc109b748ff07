"""The staff's pages of webhooks: add, switch on and off, change the secret, look, send again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.console.webhooks import acts, whose, words
from petition.console.webhooks.forms import WebhookForm
from petition.console.webhooks.whose import Owner
from petition.defence import clients
from petition.extensions import begin_writing, db
from petition.settings import Settings
from petition.webhooks import endpoints, events, listening, reading, replaying, targets
from petition.webhooks.models import WebhookEndpoint
from petition.webhooks.refusals import WebhookRefused

views = Blueprint("webhooks", __name__)
"""Below a declaration's address and below a partner's; ``at`` is what stands there, by which their owner is found."""
DONE = {
    "enabled": lazy_gettext("The webhook is enabled. What waited for it is sent now."),
    "disabled": lazy_gettext("The webhook is disabled."),
    "replayed": lazy_gettext("It is sent again, under the id that it had."),
}
"""What a page says after a redirect with ``?done=``."""


@views.get("")
@guarding.staff(Duty.WEBHOOKS)
def listed(**at: str) -> ResponseReturnValue:
    owner = whose.asked(at)
    return _list(owner, WebhookForm.make(owner, formdata=None))


@views.post("")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS, fresh=True, writes=False)
def add(**at: str) -> ResponseReturnValue:
    """Whoever adds an address has others' doings told to it, so it asks who it is.

    The name server is asked before the transaction begins: nobody who signs waits for it.
    """
    owner = whose.asked(at)
    form = WebhookForm.make(owner)
    if not form.validate():
        return _list(owner, form, status=422)
    try:
        target = targets.parse(form.url.data.strip())
        targets.find(target, allowed=_settings().webhook_networks)
        # The month's key may have to be made, in a transaction that would wait for this one.
        clients.network_hash()
        begin_writing()
        scope = owner.scopes[form.declaration.data]
        endpoint, secret = endpoints.add(target, owner=owner.name, scope=scope, hears=form.events.data)
    except WebhookRefused as refusal:
        db.session.rollback()
        form.url.errors = [refusal.sentence]
        return _list(owner, form, status=422)
    acts.record_added(endpoint)
    return _committed(owner, endpoint, secret)


@views.get("/<public_id>")
@guarding.staff(Duty.WEBHOOKS)
def one(public_id: str, **at: str) -> ResponseReturnValue:
    """How it fares: what waits, what fails, and what came of the last notices."""
    return _one(*_find(at, public_id))


@views.post("/<public_id>/secret")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS, fresh=True)
def rotate(public_id: str, **at: str) -> ResponseReturnValue:
    owner, endpoint = _find(at, public_id, find=endpoints.lock)
    secret = endpoints.rotate(endpoint)
    acts.record("rotated", endpoint)
    return _committed(owner, endpoint, secret, rotated=True)


@views.post("/<public_id>/disable")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS)
def disable(public_id: str, **at: str) -> ResponseReturnValue:
    return _switch(at, public_id, endpoints.disable, "disabled")


@views.post("/<public_id>/enable")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS, fresh=True)
def enable(public_id: str, **at: str) -> ResponseReturnValue:
    """It is told again from now on, so it asks who it is, as adding does."""
    return _switch(at, public_id, endpoints.enable, "enabled")


@views.post("/<public_id>/notices/<notice>/replay")
@guarding.write_limit
@guarding.staff(Duty.WEBHOOKS)
def replay(public_id: str, notice: str, **at: str) -> ResponseReturnValue:
    owner, endpoint = _find(at, public_id)
    found = replaying.find(endpoint, notice) or abort(404)
    try:
        if replaying.replay(found):
            acts.record("replayed", endpoint, notice=notice)
    except WebhookRefused as refusal:
        return _one(owner, endpoint, refusal)
    db.session.commit()
    return redirect(owner.url("one", public_id=public_id, done="replayed"), code=303)


def _switch(
    at: dict[str, str], public_id: str, verb: Callable[[WebhookEndpoint], bool], done: str
) -> ResponseReturnValue:
    owner, endpoint = _find(at, public_id, find=endpoints.lock)
    try:
        if verb(endpoint):
            acts.record(done, endpoint)
    except WebhookRefused as refusal:
        return _one(owner, endpoint, refusal)
    db.session.commit()
    listening.forget()
    return redirect(owner.url("one", public_id=public_id, done=done), code=303)


def _committed(owner: Owner, endpoint: WebhookEndpoint, secret: str, *, rotated: bool = False) -> ResponseReturnValue:
    """The page that shows the secret, this once; it is the answer to the post, because nothing keeps it."""
    db.session.commit()
    listening.forget()
    return _page("secret", owner, endpoint=endpoint, secret=secret, rotated=rotated)


def _list(owner: Owner, form: WebhookForm, *, status: int = 200) -> Response:
    rows = [(endpoint, reading.standing(endpoint)) for endpoint in owner.webhooks()]
    return _page("list", owner, status, form=form, rows=rows)


def _one(owner: Owner, endpoint: WebhookEndpoint, refusal: WebhookRefused | None = None) -> Response:
    return _page(
        "one",
        owner,
        409 if refusal else 200,
        endpoint=endpoint,
        standing=reading.standing(endpoint),
        notices=reading.last(endpoint),
        refusal=refusal,
    )


def _page(name: str, owner: Owner, status: int = 200, **values: Any) -> Response:
    page = render_template(
        f"console/webhooks/{name}.html",
        owner=owner,
        declaration=owner.declaration,
        words=words,
        labels={event: known.label for event, known in events.known().items()},
        most=reading.MOST_COUNTED,
        done=DONE.get(request.args.get("done", "")),
        **values,
    )
    return make_response(page, status)


def _find(
    at: dict[str, str], public_id: str, *, find: Callable[[str], WebhookEndpoint | None] = endpoints.find
) -> tuple[Owner, WebhookEndpoint]:
    """An endpoint of whom the address names; another one's is not there."""
    owner, endpoint = whose.asked(at), find(public_id)
    if endpoint is None or not owner.has(endpoint):
        abort(404)
    return owner, endpoint


def _settings() -> Settings:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings
