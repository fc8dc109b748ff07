"""What this room brings: the pages on which a declaration is written and kept, its commands, and what scopes are."""

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts import scopes as known_scopes
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.declarations import (
    acts,
    commands,
    notices,
    scopes,
    staff_frame,
    staff_publishing,
    staff_state,
    staff_texts,
)
from petition.webhooks import events
from petition.worker import rounds

BLUEPRINTS = (
    # One blueprint, whose pages lie in four modules.
    staff_texts.views,
    staff_publishing.views,
    staff_frame.views,
    staff_state.views,
    commands.commands,
)
TABS = (
    Item("declarations_staff.texts", lazy_gettext("Texts"), Duty.TEXTS, place=60, scoped=True),
    Item("declarations_staff.frame", lazy_gettext("Settings"), Duty.TEXTS, place=70, scoped=True),
    Item("declarations_staff.state", lazy_gettext("Opening and closing"), Duty.STATE, place=80, scoped=True),
)


def move_in(app: Flask) -> None:
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    navigation.register(app, *TABS)
    trail.register(app, acts.ACTS)
    known_scopes.register(app, find=scopes.find, name=scopes.name, slugs=scopes.slugs, slug=scopes.slug)
    events.register(app, notices.EVENT)
    rounds.register(app, "closings", every=timedelta(seconds=5), make_work=lambda _app: notices.tell_closings)
