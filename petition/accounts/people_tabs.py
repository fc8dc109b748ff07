"""The tabs of the console that this room's pages for operators and organisers have."""

from flask_babel import lazy_gettext

from petition.accounts.duties import Duty
from petition.accounts.navigation import Item

TABS = (
    Item("accounts_staff.all_people", lazy_gettext("People"), Duty.PEOPLE),
    Item("accounts_staff.show_trail", lazy_gettext("Audit trail"), Duty.PEOPLE),
)
