"""What this folder brings: the webhooks' pages, commands and acts, and the mails to whose webhook was disabled."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.console.webhooks import acts, commands, mails, staff
from petition.declarations.notices import ORGANISERS
from petition.outbox import composing, previewing
from petition.partners import notices as partner_notices
from petition.webhooks import owners

TAB = Item("console_webhooks.listed", lazy_gettext("Webhooks"), Duty.WEBHOOKS, place=100, scoped=True)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    app.register_blueprint(commands.commands)
    navigation.register(app, TAB)
    trail.register(app, acts.ACTS)
    owners.register(app, ORGANISERS, mails.tell_organisers)
    owners.register(app, partner_notices.KIND, mails.tell_partner)
    for kind, composer in mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in mails.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
