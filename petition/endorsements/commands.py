"""``petition endorsements …``: see which organisations wait, approve them, decline them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import click
from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from petition import clock, names
from petition.accounts import trail
from petition.declarations import reading
from petition.endorsements import deciding, judging, sites
from petition.endorsements.models import Endorsement, State
from petition.endorsements.refusals import Refusal
from petition.extensions import db, writing
from petition.names import NameRefused

commands = Blueprint("endorsements_commands", __name__, cli_group="endorsements")
commands.cli.help = "Decide on organisations' endorsements."

LONGEST_REASON = 300
_IDS = {"ignore_unknown_options": True}
"""A random id may begin with a hyphen, and is no option for that."""


@commands.cli.command("list")
@click.option("--slug", help="Only those of this declaration.")
@click.option("--waiting", is_flag=True, help="Only those that wait for a decision.")
def list_(slug: str | None, waiting: bool) -> None:
    """Every confirmed endorsement, oldest first: its state, the organisation, and who answers for it."""
    if slug is not None and slug not in {declaration.slug for declaration in reading.all_declarations()}:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    rows = _rows(slug)
    hosts = Counter((row.declaration_id, sites.host(row.site)) for row in rows if row.state is not State.WITHDRAWN)
    shown = [row for row in rows if not waiting or row.state is State.HELD]
    for row in shown:
        for line in _lines(row, same_site=hosts[row.declaration_id, sites.host(row.site)] - 1):
            click.echo(line)
    if not shown:
        click.echo("No endorsement waits for a decision." if waiting else "There are no endorsements.")


@commands.cli.command("approve", context_settings=_IDS)
@click.argument("public_id")
def approve(public_id: str) -> None:
    """Show and count the endorsement PUBLIC_ID, and thank the person responsible by mail."""
    organisation = _decide(lambda: deciding.approve(public_id))
    click.echo(f"{public_id}: {organisation} is approved.")


@commands.cli.command("decline", context_settings=_IDS)
@click.argument("public_id")
@click.option("--reason", required=True, help="Why, in a sentence that the person responsible can read.")
def decline(public_id: str, reason: str) -> None:
    """Neither show nor count the endorsement PUBLIC_ID, and mail the reason; it may be approved later all the same."""
    try:
        cleaned = names.clean(reason, most=LONGEST_REASON)
    except NameRefused as refusal:
        raise click.ClickException(f"The reason cannot be shown. {refusal.reason}") from refusal
    if not cleaned:
        raise click.ClickException("Please give a reason.")
    organisation = _decide(lambda: deciding.decline(public_id, reason=cleaned), reason=cleaned)
    click.echo(f"{public_id}: {organisation} is declined.")


def _decide(decide: Callable[[], Endorsement], *, reason: str = "") -> str:
    """The organisation's name, once the decision is stored."""
    try:
        with writing():
            endorsement = decide()
            # The acts are registered by moderation, which decides about many.
            act = f"endorsement.{endorsement.state}"
            trail.record(act, scope=endorsement.declaration_id, subject=endorsement.public_id, why=reason)
            return endorsement.organisation
    except Refusal as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal


def _rows(slug: str | None) -> Sequence[Endorsement]:
    text = joinedload(Endorsement.text)
    query = select(Endorsement).where(Endorsement.site != "").order_by(Endorsement.confirmed_at, Endorsement.id)
    rows = db.session.scalars(query.options(text)).all()
    return [row for row in rows if slug is None or row.text.declaration.slug == slug]


def _lines(row: Endorsement, *, same_site: int) -> Iterator[str]:
    slug = row.text.declaration.slug
    yield f"{row.public_id}  {row.state}  {slug}  {row.organisation}, {row.country}, {row.site}"
    if row.person:
        answers = f"{row.person}, {row.role}" if row.role else row.person
        yield f"  confirmed {clock.iso(row.confirmed_at)} by {answers}, {_mail_of(row)}"
    if row.state is State.DECLINED and row.decisions:
        yield f"  declined: {row.decisions[-1].reason}"
    if same_site and row.state is not State.WITHDRAWN:
        others = "another endorsement names" if same_site == 1 else f"{same_site} other endorsements name"
        yield f"  warning: {others} the same site"


def _mail_of(row: Endorsement) -> str:
    """Where the person responsible reads mail; the address itself stays encrypted."""
    case = judging.case(row, same_site=0)
    if not case.mail_domain:
        return "no address left"
    return f"mail at {case.mail_domain}" + ("" if case.mail_fits else ", not the site's domain")
