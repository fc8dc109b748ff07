"""How the rows that are about a signatory are handed out to them: which columns are left out, and why."""

from collections.abc import Mapping
from typing import Any

from petition import keys
from petition.disclosing import Disclosure
from petition.signatures.models import (
    CodeTry,
    Consent,
    Correction,
    MailBlock,
    MailedLink,
    Signature,
    SignatureDecision,
    Submission,
)

SERIAL = "a serial number, which tells how many rows there are"
ITS_SIGNATURE = "a serial number; it stands with its signature"
ITS_DECLARATION = "a serial number; the download is about one declaration, which it names"
HASHED_ADDRESS = "a keyed hash of the address or of its domain; the address is handed out itself"


def _id(row: Signature | Submission) -> Mapping[str, Any]:
    return {"id": row.public_id}


def _address(row: Signature | Submission) -> Mapping[str, Any]:
    return {"address": row.address and keys.ring().decrypt(row.address)}


def _text(row: Signature | Submission) -> Mapping[str, Any]:
    return {"text_version": row.text.number, "text_sha256": row.text.sha256}


def _by(row: SignatureDecision) -> Mapping[str, Any]:
    """Whether it was a person at the console; which one is nobody's business outside."""
    return {"by": "staff" if row.by else "command"}


_STATED_LEFT_OUT = {
    "id": SERIAL,
    "declaration_id": ITS_DECLARATION,
    "mailbox": HASHED_ADDRESS,
    "loose_mailbox": HASHED_ADDRESS,
    "domain": HASHED_ADDRESS,
}
_STATED_INSTEAD = {"public_id": _id, "address": _address, "text_id": _text}

_FOR_SEARCH = "the name in small letters, made from it for the list's search"

SIGNATURES = Disclosure(
    Signature,
    left_out={**_STATED_LEFT_OUT, "search_name": _FOR_SEARCH, "search_turned": _FOR_SEARCH},
    instead=_STATED_INSTEAD,
)
SUBMISSIONS = Disclosure(
    Submission,
    left_out={**_STATED_LEFT_OUT, "code_hash": "a keyed hash of the code that was mailed; it says nothing of a person"},
    instead=_STATED_INSTEAD,
)
CONSENTS = Disclosure(Consent, left_out={"id": SERIAL, "signature_id": ITS_SIGNATURE})
CORRECTIONS = Disclosure(Correction, left_out={"id": SERIAL, "signature_id": ITS_SIGNATURE})
DECISIONS = Disclosure(SignatureDecision, left_out={"id": SERIAL, "signature_id": ITS_SIGNATURE}, instead={"by": _by})
LINKS = Disclosure(
    MailedLink,
    left_out={
        "digest": "the digest of a random token; it says nothing of a person",
        "declaration_id": ITS_DECLARATION,
        "mailbox": HASHED_ADDRESS,
    },
)
BLOCKS = Disclosure(MailBlock, left_out={"declaration_id": ITS_DECLARATION, "mailbox": HASHED_ADDRESS})
TRIES = Disclosure(CodeTry, left_out={"id": SERIAL, "mailbox": HASHED_ADDRESS})

DISCLOSES = (SIGNATURES, SUBMISSIONS, CONSENTS, CORRECTIONS, DECISIONS, LINKS, BLOCKS, TRIES)
