"""What staff do on these screens, as the audit trail calls it."""

from flask_babel import lazy_gettext

ACTS = {
    "mail.opened": lazy_gettext("Outgoing mail opened"),
    "mail.fetched": lazy_gettext("Outgoing mail downloaded"),
}
