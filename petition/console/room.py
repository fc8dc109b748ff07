"""What this room brings: the staff’s first pages, the outgoing mails, the round that counts; and its folders."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.console import acts, counting, mail_rights, mail_staff, staff
from petition.console.carrying import room as carrying_room
from petition.console.webhooks import room as webhooks_room
from petition.worker import rounds

HOME = Item("console.home", lazy_gettext("Home"), Duty.WATCH, place=10, scoped=True)
MAILS = Item("console_mails.listed", lazy_gettext("Outgoing mails"), Duty.ACCOUNTS, place=30)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    app.register_blueprint(mail_staff.views)
    navigation.register(app, HOME)
    if mail_rights.are_files(app.extensions["petition.settings"]):
        navigation.register(app, MAILS)
    trail.register(app, acts.ACTS)
    rounds.register(app, "figures", every=counting.EVERY, make_work=lambda _app: counting.count_all)
    carrying_room.move_in(app)
    webhooks_room.move_in(app)
