"""What this room brings: handing over, by page and by command, and the rounds that make deliveries and remove them."""

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.deliveries import (
    acts,
    commands,
    keeping,
    remembering,
    removing,
    staff,
    staff_handovers,
    staff_partner_lists,
    staff_updates,
    starting,
    views,
)
from petition.privacy import keepers
from petition.signatures import forgetting
from petition.worker import rounds

BLUEPRINTS = (
    views.views,
    staff_updates.views,
    staff_partner_lists.views,
    # One blueprint, whose pages lie in two modules.
    staff.views,
    staff_handovers.views,
    commands.commands,
)
TABS = (
    Item("deliveries_updates.ask", lazy_gettext("Updates"), Duty.SIGNATURES, place=50, scoped=True),
    Item("deliveries_staff.deliveries", lazy_gettext("Deliveries"), Duty.DELIVERIES, place=90, scoped=True),
)


def move_in(app: Flask) -> None:
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    navigation.register(app, *TABS)
    trail.register(app, acts.ACTS | staff_updates.ACTS | staff_partner_lists.ACTS)
    keepers.register(app, keeping.KEEPER)
    forgetting.register(app, remembering.forget)
    rounds.register(app, "deliveries", every=timedelta(seconds=2), make_work=starting.make_round)
    rounds.register(app, "old deliveries", every=timedelta(minutes=10), make_work=lambda _app: removing.remove_due)
