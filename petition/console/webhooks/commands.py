"""``petition webhooks …``: add endpoints, list them, switch them on and off, send notices again."""

from datetime import UTC, datetime

import click
from flask import Blueprint, current_app

from petition import clock
from petition.accounts import scopes
from petition.console.webhooks import acts, words
from petition.declarations.notices import ORGANISERS
from petition.extensions import writing
from petition.partners import notices as partner_notices
from petition.partners import reading as partners
from petition.settings import Settings
from petition.webhooks import endpoints, events, reading, replaying, targets
from petition.webhooks.models import WebhookEndpoint
from petition.webhooks.refusals import WebhookRefused

commands = Blueprint("webhooks", __name__, cli_group="webhooks")
commands.cli.help = "Other machines that are told of what happens."

# An id may begin with a dash.
_IDS = {"ignore_unknown_options": True}


@commands.cli.command("add")
@click.argument("slug")
@click.argument("url")
@click.option("--event", "hears", multiple=True, help="An event to be told of; give it several times. Default: all.")
@click.option("--partner", help="For this partner, by its slug: it hears of what it brought. Default: the organisers.")
def add(slug: str, url: str, hears: tuple[str, ...], partner: str | None) -> None:
    """Have URL be told of what happens to SLUG; prints the secret, which is not shown again."""
    scope = scopes.find(slug)
    if scope is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    if partner and partners.find(partner) is None:
        raise click.ClickException(f"There is no partner “{partner}”.")
    owner = partner_notices.owner(partner) if partner else ORGANISERS
    known = events.open_to(owner)
    if unknown := sorted(set(hears) - known.keys()):
        raise click.ClickException(f"“{unknown[0]}” is no event; there are {', '.join(known)}.")
    settings: Settings = current_app.extensions["petition.settings"]
    try:
        target = targets.parse(url)
        targets.find(target, allowed=settings.webhook_networks)
        with writing():
            endpoint, secret = endpoints.add(target, owner=owner, scope=scope, hears=hears or known)
            acts.record_added(endpoint)
            public_id = endpoint.public_id
    except WebhookRefused as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{public_id}: added. Its secret, which is not shown again:")
    click.echo(secret)


@commands.cli.command("list")
def list_() -> None:
    """Every webhook: its id, its state, whose it is, what it is about, its address, and what waits and fails."""
    found = endpoints.every()
    for endpoint in found:
        about = "every declaration" if endpoint.scope is None else scopes.slug(endpoint.scope)
        standing = reading.standing(endpoint)
        click.echo(f"{endpoint.public_id}  {_state(endpoint)}  {endpoint.owner}  {about}  {endpoint.url}")
        click.echo(f"  {', '.join(endpoint.events)}; {standing.waiting} waiting, {standing.failing} of them failing")
    if not found:
        click.echo("There are no webhooks.")


@commands.cli.command("disable", context_settings=_IDS)
@click.argument("webhook")
def disable(webhook: str) -> None:
    """Have WEBHOOK, named by its id, be told of nothing more."""
    with writing():
        endpoint = _get(webhook)
        if endpoints.disable(endpoint):
            acts.record("disabled", endpoint)
    click.echo(f"{webhook}: disabled.")


@commands.cli.command("enable", context_settings=_IDS)
@click.argument("webhook")
def enable(webhook: str) -> None:
    """Have WEBHOOK be told again; what still waits for it is sent."""
    try:
        with writing():
            endpoint = _get(webhook)
            if endpoints.enable(endpoint):
                acts.record("enabled", endpoint)
    except WebhookRefused as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{webhook}: enabled.")


@commands.cli.command("rotate", context_settings=_IDS)
@click.argument("webhook")
def rotate(webhook: str) -> None:
    """Give WEBHOOK another secret and print it; the one before goes on signing beside it for 24 hours."""
    with writing():
        endpoint = _get(webhook)
        secret = endpoints.rotate(endpoint)
        acts.record("rotated", endpoint)
    click.echo(secret)


@commands.cli.command("replay", context_settings=_IDS)
@click.argument("webhook")
@click.option("--notice", help="Only the notice of this webhook-id.")
@click.option("--since", type=click.DateTime(), help="Everything that happened since this moment, in UTC.")
def replay(webhook: str, notice: str | None, since: datetime | None) -> None:
    """Send notices to WEBHOOK again, under the ids that they had: one, or all since a moment."""
    if (notice is None) == (since is None):
        raise click.ClickException("Name either one notice with --notice, or a moment with --since.")
    try:
        with writing():
            endpoint = _get(webhook)
            number = _replay_one(endpoint, notice) if notice else replaying.replay_since(endpoint, _moment(since))
            if number:
                detail = {"notice": notice} if notice else {"since": clock.iso(_moment(since))}
                acts.record("replayed", endpoint, number=number, **detail)
    except WebhookRefused as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{webhook}: {number} to be sent again.")


def _replay_one(endpoint: WebhookEndpoint, notice: str) -> int:
    found = replaying.find(endpoint, notice)
    if found is None:
        raise click.ClickException(f"This webhook has no notice “{notice}”; they are kept for 30 days.")
    return int(replaying.replay(found))


def _moment(since: datetime | None) -> datetime:
    assert since is not None, "one of the two was given"
    return since.replace(tzinfo=UTC)


def _get(webhook: str) -> WebhookEndpoint:
    endpoint = endpoints.lock(webhook)
    if endpoint is None:
        raise click.ClickException(f"There is no webhook “{webhook}”; petition webhooks list names them.")
    return endpoint


def _state(endpoint: WebhookEndpoint) -> str:
    if endpoint.on:
        return "failing" if endpoint.failures else "enabled"
    return f"disabled ({words.disabled(endpoint.disabled_because)})"
