"""``petition partners …``: create, change, list and show partners, switch them on and off, make and revoke keys."""

from typing import Any

import click
from flask import Blueprint

from petition import addresses, clock, languages, links
from petition.accounts import trail
from petition.addresses import AddressRefused
from petition.extensions import writing
from petition.partners import api_keys, enrolling, options, people, reading
from petition.partners.enrolling import Details
from petition.partners.models import Partner, PartnerKey
from petition.partners.refusals import Refusal

commands = Blueprint("partners_commands", __name__, cli_group="partners")
commands.cli.help = "Organisations that carry the form."
key = click.Group("key", help="Keys of a partner's own program.")
commands.cli.add_command(key)


@commands.cli.command("create")
@click.option("--slug", required=True, help="Short name: small letters, digits, hyphens. It never changes.")
@click.option("--name", required=True, help="What people read.")
@options.take
def create(slug: str, name: str, **given: Any) -> None:
    """Enrol a partner that carries the form."""
    details = options.apply(given, Details(name=name, contact=""))
    try:
        with writing():
            partner = enrolling.create(slug, details)
            trail.record("partner.created", subject=partner.public_id, partner=slug)
    except Refusal as refusal:
        raise click.ClickException(_told(refusal)) from refusal
    click.echo(f"{slug}: created.")


@commands.cli.command("edit")
@click.argument("slug")
@click.option("--name", help="What people read.")
@options.take
def edit(slug: str, **given: Any) -> None:
    """Change what is known of the partner SLUG: what is not named stays, and an empty one is taken away."""
    try:
        with writing():
            partner = _find(slug)
            changes = enrolling.edit(partner, options.apply(given, enrolling.known(partner)))
            trail.record("partner.edited", subject=partner.public_id, partner=slug, **changes)
    except Refusal as refusal:
        raise click.ClickException(_told(refusal)) from refusal
    click.echo(f"{slug}: {', '.join(changes['changed']) or 'nothing'} changed.")


@commands.cli.command("list")
def list_() -> None:
    """Every partner: its slug, its state, its name."""
    for partner in reading.all_partners():
        click.echo(f"{partner.slug}  {'on' if partner.enabled else 'off'}  {partner.name}")


@commands.cli.command("show")
@click.argument("slug")
def show(slug: str) -> None:
    """Everything that is known of the partner SLUG."""
    partner = _find(slug)
    living = api_keys.living(partner)
    told = {
        "name": partner.name,
        "state": "on" if partner.enabled else "off",
        "contact": partner.contact_address,
        "site": partner.site,
        "framed by": " ".join(partner.frame_ancestors) or "nobody",
        "declarations": " ".join(partner.carries) if partner.carries is not None else "every one",
        "languages": " ".join(partner.languages) or "every one",
        "may be given people": "yes" if partner.may_share else "no",
        "privacy notice": partner.notice,
        "public key": partner.age_key or "",
        **{
            f"{mode} {part}": colour
            for mode, pair in partner.colours.items()
            for part, colour in pair._asdict().items()
        },
        **{f"consent ({language})": words for language, words in partner.wordings.items()},
        **{f"key {each.prefix}": _of_key(each) for each in living},
    }
    for name, value in told.items():
        if value:
            click.echo(f"{name}: {value}")


@commands.cli.command("disable")
@click.argument("slug")
def disable(slug: str) -> None:
    """Switch the partner SLUG off: no frame, no key, no attribution; what came before stays."""
    with writing():
        partner = _find(slug)
        enrolling.disable(partner)
        trail.record("partner.disabled", subject=partner.public_id, partner=slug)
    click.echo(f"{slug}: off.")


@commands.cli.command("enable")
@click.argument("slug")
def enable(slug: str) -> None:
    """Switch the partner SLUG on again."""
    with writing():
        partner = _find(slug)
        enrolling.enable(partner)
        trail.record("partner.enabled", subject=partner.public_id, partner=slug)
    click.echo(f"{slug}: on.")


@commands.cli.command("invite")
@click.argument("slug")
@click.argument("email")
@click.option("--language", default="en", type=click.Choice(list(languages.NAMES)), help="Of the invitation.")
def invite(slug: str, email: str, language: str) -> None:
    """Let the owner of EMAIL sign in for the partner SLUG; prints the link of the invitation, good once."""
    try:
        address = addresses.parse(email)
    except AddressRefused as refusal:
        raise click.ClickException(f"“{email}” is no mail address: {refusal}") from refusal
    with writing():
        partner = _find(slug)
        account, token = people.invite(partner, address, language=language)
        trail.record("partner.invited", subject=partner.public_id, partner=slug, account=account.public_id)
    click.echo(f"{account.public_id}: may sign in for {slug}.")
    if token:
        click.echo(links.external("accounts.invitation", token=token))


@key.command("create")
@click.argument("slug")
@click.option(
    "--declaration", "carries", multiple=True, help="Only for this one, by its slug. Default: all it carries."
)
def create_key(slug: str, carries: tuple[str, ...]) -> None:
    """Make a key for the program of the partner SLUG, and print it: it is shown this once."""
    try:
        with writing():
            partner = _find(slug)
            made, secret = api_keys.make(partner, carries)
            trail.record("partner.key-made", subject=partner.public_id, partner=slug, **api_keys.told(made))
    except Refusal as refusal:
        raise click.ClickException(_told(refusal)) from refusal
    click.echo(secret)


@key.command("revoke")
@click.argument("slug")
@click.argument("prefix")
def revoke_key(slug: str, prefix: str) -> None:
    """End the key of the partner SLUG that begins with PREFIX, as “show” lists it."""
    with writing():
        partner = _find(slug)
        found = next((each for each in api_keys.living(partner) if each.prefix == prefix), None)
        if found is None:
            raise click.ClickException(f"{slug} has no living key “{prefix}”.")
        api_keys.revoke(partner, found.public_id)
        trail.record("partner.key-revoked", subject=partner.public_id, partner=slug, key=prefix)
    click.echo(f"{prefix}: revoked.")


def _find(slug: str) -> Partner:
    partner = reading.find(slug)
    if partner is None:
        raise click.ClickException(f"There is no partner “{slug}”.")
    return partner


def _of_key(key: PartnerKey) -> str:
    return " ".join((f"…{key.last_four}", clock.iso(key.created_at), *(f"for {each}" for each in key.carries or ())))


def _told(refusal: Refusal) -> str:
    return f"{refusal.field}: {refusal.sentence}" if refusal.field else str(refusal.sentence)
