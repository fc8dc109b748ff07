"""What this room brings: the first pages that staff see, the outgoing mails, and the round that counts the figures."""

from flask import Flask
from flask_babel import lazy_gettext

from petition.accounts import navigation, trail
from petition.accounts.duties import Duty
from petition.accounts.navigation import Item
from petition.console import acts, carrying_staff, counting, mail_rights, mail_staff, partner_counting, staff
from petition.worker import rounds

HOME = Item("console.home", lazy_gettext("Home"), Duty.WATCH, place=10, scoped=True)
MAILS = Item("console_mails.listed", lazy_gettext("Outgoing mails"), Duty.ACCOUNTS, place=30)


def move_in(app: Flask) -> None:
    app.register_blueprint(staff.views)
    app.register_blueprint(mail_staff.views)
    app.register_blueprint(carrying_staff.views)
    navigation.register(app, HOME)
    if mail_rights.are_files(app.extensions["petition.settings"]):
        navigation.register(app, MAILS)
    trail.register(app, acts.ACTS)
    rounds.register(app, "figures", every=counting.EVERY, make_work=lambda _app: counting.count_all)
    rounds.register(app, "partners", every=partner_counting.EVERY, make_work=lambda _app: partner_counting.count_all)
