"""``petition declarations …``: load a folder, list what there is."""

from pathlib import Path

import click
from flask import Blueprint

from petition import clock
from petition.declarations import folders, publishing, reading
from petition.extensions import writing

commands = Blueprint("declarations", __name__, cli_group="declarations")
commands.cli.help = "Load declarations, and list them."


@commands.cli.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def load(folder: Path) -> None:
    """Publish the declaration in FOLDER; loading the same folder again changes nothing."""
    try:
        found = folders.read(folder)
    except folders.FolderRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    with writing():
        published = publishing.publish(found)
        slug = published.declaration.slug
    if not published.changed and not published.frame_changed:
        click.echo(f"{slug}: nothing changed.")
    elif published.changed:
        click.echo(f"{slug}: published a text in {', '.join(published.changed)}.")
    else:
        click.echo(f"{slug}: the texts are the same; what stands around them changed.")


@commands.cli.command("list")
def list_() -> None:
    """Every declaration with its state and the versions that are current."""
    for declaration in reading.all_declarations():
        current = [f"{text.language} v{text.number} {text.sha256[:12]}" for text in declaration.texts if text.current]
        click.echo(f"{declaration.slug}  {declaration.state_at(clock.now())}  {'; '.join(current)}")
