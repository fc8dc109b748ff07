"""What this room brings: handing over, by page and by command, and the rounds that make deliveries and remove them."""

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.declarations import further
from petition.declarations.further import Deed
from petition.deliveries import (
    acts,
    commands,
    keeping,
    notices,
    previews,
    remembering,
    removing,
    staff,
    staff_handovers,
    staff_partner_lists,
    staff_previews,
    staff_updates,
    starting,
    views,
)
from petition.privacy import keepers
from petition.signatures import forgetting
from petition.webhooks import events
from petition.worker import rounds

BLUEPRINTS = (
    views.views,
    staff_updates.views,
    staff_partner_lists.views,
    # One blueprint, whose pages lie in three modules.
    staff.views,
    staff_handovers.views,
    staff_previews.views,
    commands.commands,
)
TABS = (
    Item("deliveries_updates.ask", lazy_gettext("Updates"), Duty.SIGNATURES, place=50, scoped=True),
    Item("deliveries_staff.deliveries", lazy_gettext("Deliveries"), Duty.DELIVERIES, place=90, scoped=True),
)

DELIVER = Deed(
    "deliveries_staff.deliveries",
    lazy_gettext("Deliver"),
    lazy_gettext("Make a package for the addressee, and record that it was handed over; neither ends signing."),
    Duty.DELIVERIES,
)


def move_in(app: Flask) -> None:
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    navigation.register(app, *TABS)
    further.register(app, DELIVER)
    trail.register(app, acts.ACTS | staff_updates.ACTS | staff_partner_lists.ACTS)
    events.register(app, notices.EVENT)
    keepers.register(app, keeping.KEEPER)
    forgetting.register(app, remembering.forget)
    forgetting.register(app, previews.forget)
    rounds.register(app, "deliveries", every=timedelta(seconds=2), make_work=starting.make_round)
    rounds.register(app, "previews", every=timedelta(seconds=1), make_work=starting.make_round_of_previews)
    rounds.register(app, "old deliveries", every=timedelta(minutes=10), make_work=lambda _app: removing.remove_due)
