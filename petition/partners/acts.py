"""What staff do to partners, as the audit trail calls it."""

from flask_babel import lazy_gettext

ACTS = {
    "partner.created": lazy_gettext("Partner created"),
    "partner.edited": lazy_gettext("Partner changed"),
    "partner.enabled": lazy_gettext("Partner switched on"),
    "partner.disabled": lazy_gettext("Partner switched off"),
    "partner.key-made": lazy_gettext("Key made for a partner"),
    "partner.key-revoked": lazy_gettext("Key of a partner revoked"),
    "partner.invited": lazy_gettext("Somebody invited for a partner"),
}
