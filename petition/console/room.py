"""What this room brings: the staff’s first pages, the outgoing mails, the webhooks, the round that counts figures."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.console import (
    acts,
    carrying_staff,
    counting,
    mail_rights,
    mail_staff,
    partner_counting,
    staff,
    webhook_acts,
    webhook_commands,
    webhook_mails,
    webhook_staff,
)
from petition.declarations.notices import ORGANISERS
from petition.outbox import composing, previewing
from petition.partners import notices as partner_notices
from petition.webhooks import owners
from petition.worker import rounds

HOME = Item("console.home", lazy_gettext("Home"), Duty.WATCH, place=10, scoped=True)
MAILS = Item("console_mails.listed", lazy_gettext("Outgoing mails"), Duty.ACCOUNTS, place=30)
WEBHOOKS = Item("console_webhooks.listed", lazy_gettext("Webhooks"), Duty.WEBHOOKS, place=100, scoped=True)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    app.register_blueprint(mail_staff.views)
    app.register_blueprint(carrying_staff.views)
    navigation.register(app, HOME)
    if mail_rights.are_files(app.extensions["petition.settings"]):
        navigation.register(app, MAILS)
    trail.register(app, acts.ACTS)
    _bring_webhooks(app)
    rounds.register(app, "figures", every=counting.EVERY, make_work=lambda _app: counting.count_all)
    rounds.register(app, "partners", every=partner_counting.EVERY, make_work=lambda _app: partner_counting.count_all)


def _bring_webhooks(app: Flask) -> None:
    app.register_blueprint(webhook_staff.views)
    app.register_blueprint(webhook_commands.commands)
    navigation.register(app, WEBHOOKS)
    trail.register(app, webhook_acts.ACTS)
    owners.register(app, ORGANISERS, webhook_mails.tell_organisers)
    owners.register(app, partner_notices.KIND, webhook_mails.tell_partner)
    for kind, composer in webhook_mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in webhook_mails.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
