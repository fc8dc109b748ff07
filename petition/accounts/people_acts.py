"""What the audit trail calls the acts on people, passkeys and on the trail itself."""

from flask_babel import lazy_gettext

ACTS = {
    "account.invited": lazy_gettext("Account invited"),
    "account.invited_again": lazy_gettext("New invitation sent"),
    "account.granted": lazy_gettext("Role given"),
    "account.revoked": lazy_gettext("Role taken back"),
    "account.disabled": lazy_gettext("Account disabled"),
    "account.enabled": lazy_gettext("Account enabled"),
    "account.sessions_ended": lazy_gettext("Sessions ended"),
    "passkey.added": lazy_gettext("Passkey added"),
    "passkey.renamed": lazy_gettext("Passkey renamed"),
    "passkey.removed": lazy_gettext("Passkey removed"),
    "trail.exported": lazy_gettext("Audit trail exported"),
}
