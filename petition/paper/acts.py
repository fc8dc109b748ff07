"""What staff does with paper, as the audit trail calls it."""

from flask_babel import LazyString, lazy_gettext

ACTS: dict[str, LazyString] = {
    "signature.entered": lazy_gettext("Signature on paper entered"),
    "signatures.imported": lazy_gettext("Signatures on paper imported"),
}
