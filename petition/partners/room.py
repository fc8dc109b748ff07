"""What this room brings: the console's pages of partners, their commands and acts, and who is let in for them."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, scopes, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.partners import acts, commands, people, staff

TAB = Item("partners_staff.listed", lazy_gettext("Partners"), Duty.PARTNERS, place=5, everywhere=True)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    app.register_blueprint(commands.commands)
    navigation.register(app, TAB)
    trail.register(app, acts.ACTS)
    scopes.register_more(app, find=people.find, name=people.name, slug=people.slug, prefix=people.PREFIX)
