"""What this room brings: signing in, people and the audit trail: pages, commands, the invitation, what is kept."""

from flask import Flask
from flask_babel import lazy_gettext, lazy_pgettext

from petition import keys
from petition.accounts import (
    account_views,
    acts,
    commands,
    factors,
    joining_views,
    keeping,
    mails,
    navigation,
    passkeys_factor,
    passkeys_joining,
    passkeys_staff,
    people_acts,
    people_staff,
    sign_in_views,
    trail,
    trail_commands,
    trail_keeping,
    trail_staff,
)
from petition.accounts.duties import Duty
from petition.accounts.models import Account
from petition.accounts.navigation import Item
from petition.outbox import composing, previewing
from petition.privacy import keepers

BLUEPRINTS = (
    # Two blueprints, whose pages lie in several modules each.
    sign_in_views.views,
    joining_views.views,
    account_views.views,
    people_staff.views,
    trail_staff.views,
    passkeys_staff.views,
    passkeys_joining.views,
    commands.commands,
    trail_commands.commands,
)
TABS = (
    Item("accounts_staff.all_people", lazy_pgettext("staff", "People"), Duty.PEOPLE, place=10),
    Item("accounts_staff.show_trail", lazy_gettext("Audit trail"), Duty.PEOPLE, place=20),
)


def move_in(app: Flask) -> None:
    keys.encrypts(app, Account.address, Account.totp_secret)
    for blueprint in dict.fromkeys(BLUEPRINTS):
        app.register_blueprint(blueprint)
    navigation.register(app, *TABS)
    trail.register(app, acts.ACTS | people_acts.ACTS)
    factors.register(app, passkeys_factor.FACTOR)
    for kind, composer in mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in mails.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
    keepers.register(app, trail_keeping.KEEPER)
    keepers.register(app, keeping.KEEPER)
