"""What this room brings: the pages on which staff decide, and what the audit trail calls their decisions."""

from flask import Flask
from flask_babel import lazy_gettext, lazy_pgettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.moderation import acts, staff

TABS = (
    Item("moderation_staff.held", lazy_pgettext("tab", "Held"), Duty.SIGNATURES, place=30, scoped=True),
    Item("moderation_staff.organisations", lazy_gettext("Organisations"), Duty.SIGNATURES, place=40, scoped=True),
)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    navigation.register(app, *TABS)
    trail.register(app, acts.ACTS)
