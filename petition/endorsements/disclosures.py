"""How the rows about the person responsible are handed out to them: which columns are left out, and why."""

from collections.abc import Mapping
from typing import Any

from petition import keys
from petition.disclosing import Disclosure
from petition.endorsements.models import (
    Decision,
    Endorsement,
    EndorsementBlock,
    EndorsementLink,
    EndorsementSubmission,
)

SERIAL = "a serial number, which tells how many rows there are"
ITS_DECLARATION = "a serial number; the download is about one declaration, which it names"
HASHED_ADDRESS = "a keyed hash of the address, which is handed out itself"


def _id(row: Endorsement | EndorsementSubmission) -> Mapping[str, Any]:
    return {"id": row.public_id}


def _address(row: Endorsement | EndorsementSubmission) -> Mapping[str, Any]:
    return {"address": row.address and keys.ring().decrypt(row.address)}


def _text(row: Endorsement | EndorsementSubmission) -> Mapping[str, Any]:
    return {"text_version": row.text.number, "text_sha256": row.text.sha256}


_STATED_LEFT_OUT = {"id": SERIAL, "declaration_id": ITS_DECLARATION, "mailbox": HASHED_ADDRESS}
_STATED_INSTEAD = {"public_id": _id, "address": _address, "text_id": _text}

ENDORSEMENTS = Disclosure(Endorsement, left_out=_STATED_LEFT_OUT, instead=_STATED_INSTEAD)
SUBMISSIONS = Disclosure(EndorsementSubmission, left_out=_STATED_LEFT_OUT, instead=_STATED_INSTEAD)
DECISIONS = Disclosure(
    Decision, left_out={"id": SERIAL, "endorsement_id": "a serial number; it stands with its endorsement"}
)
LINKS = Disclosure(
    EndorsementLink,
    left_out={
        "digest": "the digest of a random token; it says nothing of a person",
        "declaration_id": ITS_DECLARATION,
        "mailbox": HASHED_ADDRESS,
    },
)
BLOCKS = Disclosure(EndorsementBlock, left_out={"declaration_id": ITS_DECLARATION, "mailbox": HASHED_ADDRESS})

DISCLOSES = (ENDORSEMENTS, SUBMISSIONS, DECISIONS, LINKS, BLOCKS)
