"""What this room brings: signing and looking after, the staff's pages, the mails, what is kept and counted."""

from flask import Flask
from flask_babel import lazy_gettext

from petition import keys
from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.declarations import counting as text_counting
from petition.outbox import blocking, composing, previewing
from petition.privacy import keepers
from petition.signatures import (
    acts,
    asking_views,
    caring_views,
    commands,
    counting,
    keeping,
    list_views,
    mailed_views,
    mails,
    noticed,
    refusing,
    samples,
    staff_one,
)
from petition.signatures.models import Signature, Submission
from petition.tally import recounting
from petition.webhooks import events

BLUEPRINTS = (
    list_views.views,
    # One blueprint, whose pages lie in three modules.
    mailed_views.views,
    caring_views.views,
    asking_views.views,
    # The staff's pages, again in two modules.
    staff_one.views,
    commands.commands,
)
TAB = Item("signatures_staff.found", lazy_gettext("Signatures"), Duty.SIGNATURES, place=20, scoped=True)


def move_in(app: Flask) -> None:
    keys.encrypts(app, Submission.address, Signature.address)
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    navigation.register(app, TAB)
    trail.register(app, acts.ACTS)
    for kind, composer in mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in samples.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
    events.register(app, *noticed.EVENTS)
    blocking.register(app, refusing.find_blocked)
    keepers.register(app, keeping.KEEPER)
    recounting.register(app, counting.count_rows)
    text_counting.register(app, counting.count_texts)
