"""The acts of this room, as the audit trail calls them."""

from flask_babel import LazyString, lazy_gettext

ACTS: dict[str, LazyString] = {
    "account.created": lazy_gettext("Account created"),
    "account.invited": lazy_gettext("Invited anew"),
    "account.joined": lazy_gettext("Invitation taken up"),
    "account.signed-in": lazy_gettext("Signed in"),
    "account.signed-out": lazy_gettext("Signed out"),
    "account.changed": lazy_gettext("Own account changed"),
    "account.password": lazy_gettext("Password changed"),
    "account.factor": lazy_gettext("Second factor set up"),
    "account.app-removed": lazy_gettext("Authenticator app removed"),
    "account.recovery-codes": lazy_gettext("Recovery codes renewed"),
    "account.sessions-ended": lazy_gettext("Other sessions ended"),
    "account.disabled": lazy_gettext("Account disabled"),
    "account.enabled": lazy_gettext("Account enabled"),
}
