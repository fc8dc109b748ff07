"""``petition declarations …``: load and save folders, list what there is, put one on paper."""

import os
from pathlib import Path

import click
from flask import Blueprint, current_app

from petition import clock, languages
from petition.accounts import trail
from petition.declarations import folders, publishing, reading, saving, sheets
from petition.declarations.models import DeclarationText
from petition.declarations.publishing import Published
from petition.extensions import writing
from petition.settings import LOOPBACK_NAMES, Settings

commands = Blueprint("declarations", __name__, cli_group="declarations")
commands.cli.help = "Load declarations, save them, list them, and put them on paper."


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
        if published.changed or published.frame_changed:
            _record_loaded(published)
    if not published.changed and not published.frame_changed:
        click.echo(f"{slug}: nothing changed.")
    elif published.changed:
        click.echo(f"{slug}: published a text in {', '.join(published.changed)}.")
    else:
        click.echo(f"{slug}: the texts are the same; what stands around them changed.")


def _record_loaded(published: Published) -> None:
    declaration = published.declaration
    texts = list(published.changed)
    trail.record("declaration.loaded", scope=declaration.id, subject=declaration.slug, texts=texts)


@commands.cli.command("list")
def list_() -> None:
    """Every declaration with its state and the versions that are current."""
    for declaration in reading.all_declarations():
        current = [f"{text.language} v{text.number} {text.sha256[:12]}" for text in declaration.texts if text.current]
        click.echo(f"{declaration.slug}  {declaration.state_at(clock.now())}  {'; '.join(current)}")


@commands.cli.command("save")
@click.argument("slug")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder to write; else SLUG.")
@click.option("--force", is_flag=True, help="Write into a folder that holds something already; its notes stay.")
def save(slug: str, out: Path | None, force: bool) -> None:
    """Write SLUG back as a folder; loading it changes nothing."""
    declaration = reading.find(slug)
    if declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    path = out or Path(slug)
    try:
        saving.save(saving.folder_of(declaration), path, replace=force)
    except saving.SavingRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{path}: {slug} in {', '.join(declaration.plan.languages)}.")


@commands.cli.command("sheet")
@click.argument("slug")
@click.option("--lang", "language", required=True, help="The language of the sheet, such as en.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; else SLUG-LANG.pdf.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
def sheet(slug: str, language: str, out: Path | None, force: bool) -> None:
    """Make a signing sheet for SLUG, to be printed and laid on a table: a PDF of one page, A4 across."""
    text = _find_text(slug, language)
    path = out or Path(f"{slug}-{language}.pdf")
    # Not Path.exists, which raises for a name that is too long; writing tells that plainly.
    if os.path.exists(path) and not force:
        raise click.ClickException(f"{path} is there already; name another file, or replace it with --force.")
    try:
        sheets.write(sheets.draw(text, page=sheets.page_of(text)), path)
    except sheets.SheetRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    settings: Settings = current_app.extensions["petition.settings"]
    if settings.trusted_hosts == LOOPBACK_NAMES:
        sentence = (
            f"The sheet leads to {settings.base_url}, which is this computer alone; set base_url and make it anew."
        )
        click.echo(sentence, err=True)
    click.echo(f"{path}: version {text.number} of the text, {text.sha256[:12]}.")


def _find_text(slug: str, language: str) -> DeclarationText:
    declaration = reading.find(slug)
    if declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    readable = [each for each in declaration.plan.languages if each in languages.NAMES]
    text = reading.find_current(slug, language)
    if text is None or language not in readable:
        raise click.ClickException(f"“{language}” is not a language of this declaration: {', '.join(readable)}.")
    return text
