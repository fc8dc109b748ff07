"""Every command of ``petition``, with the rooms that bring them."""

import sys

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import DBAPIError

from petition.application import create_app
from petition.settings import SettingsRefused

cli = FlaskGroup(
    create_app=create_app,
    add_default_commands=False,
    load_dotenv=False,
    help="Present a declaration, collect signatures, deliver them.",
)


def main() -> None:
    """Run the command; settings that cannot be used give one clear line."""
    try:
        cli(prog_name="petition")
    except SettingsRefused as refusal:
        _end(str(refusal))
    except DBAPIError as problem:
        # Never the whole message: it may quote a row.
        _end(f"The database cannot be used ({type(problem.orig).__name__}). Has “petition serve” prepared it?")


def _end(sentence: str) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)
