"""What is decided about organisations, as the audit trail calls it; signatures' acts are their own room's."""

from flask_babel import LazyString, lazy_gettext

ACTS: dict[str, LazyString] = {
    "endorsement.approved": lazy_gettext("Endorsement approved"),
    "endorsement.declined": lazy_gettext("Endorsement declined"),
}
