"""``petition accounts …``: create accounts, list them, disable and enable them."""

from collections.abc import Iterable

import click
from flask import Blueprint
from sqlalchemy import select

from petition import addresses, clock, keys, languages, links, names
from petition.accounts import granting, inviting, proving, trail
from petition.accounts import scopes as known_scopes
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.accounts.people import GIVEN_BY_OPERATORS
from petition.accounts.refusals import Refusal
from petition.addresses import Address, AddressRefused
from petition.extensions import db, writing
from petition.names import NameRefused

commands = Blueprint("accounts_commands", __name__, cli_group="accounts")
commands.cli.help = "The people who sign in."


@commands.cli.command("create")
@click.argument("email")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in GIVEN_BY_OPERATORS]),
    help="What they may do; give it several times for several roles.",
)
@click.option("--name", default="", help="What they are called; they can change it.")
@click.option("--declaration", "slugs", multiple=True, help="Only on this declaration, by its slug. Default: all.")
@click.option(
    "--language",
    default="en",
    show_default=True,
    type=click.Choice(list(languages.NAMES)),
    help="Of the invitation and of their pages.",
)
def create(email: str, roles: tuple[str, ...], name: str, slugs: tuple[str, ...], language: str) -> None:
    """Create an account for the owner of EMAIL: post the invitation, and print its link, which is good once."""
    address, called = _address(email), _name(name)
    if slugs and Role.OPERATOR in roles:
        raise click.ClickException("An operator looks after all accounts: leave --declaration out for that role.")
    try:
        with writing():
            scopes = _scopes(slugs)
            account = granting.create(address, language=language, name=called)
            for role in roles:
                granting.grant(account, Role(role), scopes=scopes)
            token = inviting.invite(account)
            trail.record("account.created", subject=account.public_id, roles=list(roles), declarations=list(slugs))
    except Refusal as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{account.public_id}: created. The invitation is posted; its link, good once and for 7 days:")
    click.echo(links.external("accounts.invitation", token=token))


@commands.cli.command("invite")
@click.argument("email")
def invite(email: str) -> None:
    """Invite the owner of EMAIL anew, who lost password or second factor; prints the link, which is good once."""
    with writing():
        account = _find(email)
        token = inviting.invite_again(account)
        trail.record("account.invited", subject=account.public_id)
    click.echo(links.external("accounts.invitation", token=token))


@commands.cli.command("list")
def list_() -> None:
    """Every account: its id, its state, its address and what it was given."""
    ring = keys.ring()
    accounts = db.session.scalars(select(Account).order_by(Account.id)).all()
    for account in accounts:
        called = f"  {account.name}" if account.name else ""
        click.echo(f"{account.public_id}  {_state(account)}  {ring.decrypt(account.address)}{called}")
        for role, where in _grants(account):
            click.echo(f"  {role}: {where}")
    if not accounts:
        click.echo("There are no accounts.")


@commands.cli.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Let the owner of EMAIL sign in no more, and end their sessions."""
    with writing():
        account = _find(email)
        granting.disable(account)
        trail.record("account.disabled", subject=account.public_id)
    click.echo(f"{account.public_id}: disabled; every session is ended.")


@commands.cli.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Let the owner of EMAIL sign in again."""
    with writing():
        account = _find(email)
        granting.enable(account)
        trail.record("account.enabled", subject=account.public_id)
    click.echo(f"{account.public_id}: enabled.")


def _address(email: str) -> Address:
    try:
        return addresses.parse(email)
    except AddressRefused as refusal:
        raise click.ClickException(f"“{email}” is no mail address: {refusal}") from refusal


def _name(name: str) -> str:
    try:
        return names.clean(name) if name else ""
    except NameRefused as refusal:
        raise click.ClickException(f"The name cannot be used. {refusal.reason}") from refusal


def _scopes(slugs: Iterable[str]) -> list[int] | None:
    """Those of these declarations; None, every one, where none is named."""
    found = {slug: known_scopes.find(slug) for slug in slugs}
    for slug, scope in found.items():
        if scope is None:
            raise click.ClickException(f"There is no declaration “{slug}”.")
    return [scope for scope in found.values() if scope is not None] or None


def _find(email: str) -> Account:
    account = proving.find(_address(email).typed)
    if account is None:
        raise click.ClickException(f"There is no account for “{email}”.")
    return account


def _state(account: Account) -> str:
    if not account.active:
        return "disabled"
    return f"joined {clock.iso(account.joined_at)}" if account.joined_at else "invited"


def _grants(account: Account) -> list[tuple[str, str]]:
    return [
        (grant.role, "every declaration" if grant.scope is None else known_scopes.slug(grant.scope))
        for grant in account.grants
    ]
