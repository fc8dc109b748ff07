"""What this folder brings: the webhooks' pages, commands and acts, and the mails to whose webhook was disabled."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.console.webhooks import acts, commands, mails, staff, whose
from petition.declarations.notices import ORGANISERS
from petition.outbox import composing, previewing
from petition.partners import notices as partner_notices
from petition.webhooks import owners

TAB = Item(f"{whose.OF_DECLARATIONS}.listed", lazy_gettext("Webhooks"), Duty.WEBHOOKS, place=100, scoped=True)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views, url_prefix="/console/declarations/<slug>/webhooks", name=whose.OF_DECLARATIONS)
    app.register_blueprint(staff.views, url_prefix="/console/carrying/<partner>/webhooks", name=whose.OF_PARTNERS)
    app.register_blueprint(commands.commands)
    navigation.register(app, TAB)
    trail.register(app, acts.ACTS)
    for owner in (ORGANISERS, partner_notices.KIND):
        owners.register(app, owner, mails.tell)
    for kind, composer in mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in mails.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
