"""What staff do to declarations, as the audit trail calls it."""

from flask_babel import lazy_gettext, lazy_pgettext

ACTS = {
    "declaration.created": lazy_gettext("Declaration created"),
    "declaration.drafted": lazy_gettext("Draft saved"),
    "declaration.discarded": lazy_gettext("Draft discarded"),
    "declaration.published": lazy_gettext("Texts or settings published"),
    "declaration.loaded": lazy_gettext("Folder loaded"),
    "declaration.confirmed": lazy_gettext("Translation confirmed as up to date"),
    "declaration.paused": lazy_gettext("Signing paused"),
    "declaration.resumed": lazy_gettext("Signing resumed"),
    "declaration.opened": lazy_gettext("Declaration opened"),
    "declaration.closed": lazy_gettext("Declaration closed"),
    "declaration.reopened": lazy_gettext("Declaration reopened"),
    "declaration.scheduled": lazy_gettext("Opening and closing scheduled"),
    "declaration.featured": lazy_pgettext("was done", "Put on the first page"),
    "declaration.unfeatured": lazy_pgettext("was done", "Taken off the first page"),
}
