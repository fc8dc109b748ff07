"""``petition deliveries …``: make and verify are commands of their own; these look after what was asked for."""

import click
from flask import Blueprint

from petition import clock
from petition.declarations import reading
from petition.deliveries import acts, asking, make_command, starting, verify_command
from petition.deliveries.models import Delivery
from petition.deliveries.refusals import DeliveryRefused
from petition.extensions import writing

commands = Blueprint("deliveries", __name__, cli_group="deliveries")
commands.cli.help = "Hand signatures over."
commands.cli.add_command(make_command.make)
commands.cli.add_command(verify_command.verify)


@commands.cli.command("list")
@click.argument("slug", required=False)
def list_deliveries(slug: str | None) -> None:
    """The newest deliveries, of all declarations or of SLUG: what became of each."""
    declaration = reading.find(slug) if slug else None
    if slug and declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    for each in asking.newest(declaration):
        click.echo(f"{each.public_id}  {each.declaration.slug}  {_line(each)}")


@commands.cli.command("cancel")
@click.argument("delivery")
def cancel(delivery: str) -> None:
    """Cancel the DELIVERY of this id, which waits or is being made."""
    with writing():
        found = asking.find_anywhere(delivery)
        if found is None:
            raise click.ClickException(f"There is no delivery “{delivery}”; see “petition deliveries list”.")
        try:
            asking.cancel(found)
        except DeliveryRefused as refusal:
            raise click.ClickException(str(refusal)) from refusal
        acts.record_cancelled(found)


@commands.cli.command("work")
@click.option("--previews", is_flag=True, help="Make the previews that staff asked for, and no deliveries.")
def work(previews: bool) -> None:
    """Make the deliveries that are due, then end; the worker starts this by itself."""
    if previews:
        starting.work_on_previews()
    else:
        starting.work()


def _line(delivery: Delivery) -> str:
    words = [clock.iso(delivery.asked_at), delivery.stored_order["reader"], delivery.state.value]
    if delivery.failure:
        words.append(delivery.failure)
    elif delivery.finished_at:
        words.append(f"{delivery.count} signatures, {delivery.file_name}, manifest {delivery.manifest_sha256}")
    elif delivery.stage:
        words.append(f"{delivery.stage} {delivery.done}/{delivery.total}" if delivery.total else delivery.stage)
    return "  ".join(words)
