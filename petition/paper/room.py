"""What this room brings: the pages on which paper is entered and imported, the command, what the trail calls them."""

from flask import Flask

from petition import keys
from petition.accounts import trail
from petition.paper import acts, commands, keeping, staff_import
from petition.paper.models import HandedTable
from petition.privacy import keepers
from petition.signatures import commands as signatures_commands


def move_in(app: Flask) -> None:
    # One blueprint, whose pages lie in two modules.
    app.register_blueprint(staff_import.views)
    # The command keeps the name that is relied on from outside: `petition signatures import`.
    signatures_commands.commands.cli.add_command(commands.import_)
    trail.register(app, acts.ACTS)
    keys.encrypts(app, HandedTable.content)
    keepers.register(app, keeping.KEEPER)
