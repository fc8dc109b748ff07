"""What the audit trail calls the acts on people, passkeys and on the trail itself."""

from flask_babel import lazy_gettext

ACTS = {
    "account.granted": lazy_gettext("Role given"),
    "account.revoked": lazy_gettext("Role taken back"),
    "account.signed-out-by-staff": lazy_gettext("Sessions of somebody ended"),
    "passkey.added": lazy_gettext("Passkey added"),
    "passkey.renamed": lazy_gettext("Passkey renamed"),
    "passkey.removed": lazy_gettext("Passkey removed"),
    "trail.exported": lazy_gettext("Audit trail exported"),
}
