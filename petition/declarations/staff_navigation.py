"""The tabs of a declaration that lead to its texts, settings and state."""

from flask_babel import lazy_gettext

from petition.accounts.duties import Duty
from petition.accounts.navigation import Item

ITEMS = (
    Item("declarations_staff.texts", lazy_gettext("Texts"), Duty.TEXTS, scoped=True),
    Item("declarations_staff.frame", lazy_gettext("Settings"), Duty.TEXTS, scoped=True),
    Item("declarations_staff.state", lazy_gettext("Opening and closing"), Duty.TEXTS, scoped=True),
)
