"""Corrections: what stood in lists and deliveries before it was corrected, and until when."""

from petition import clock
from petition.signatures.models import Correction, Signature
from petition.signatures.statements import Statement

CORRECTED = ("name", "affiliation", "role")
"""What may be found elsewhere in its former state."""


def keep(signature: Signature, statement: Statement) -> None:
    """Keep what the statement is about to replace."""
    signature.corrections += [
        Correction(field=name, value=getattr(signature, name), corrected_at=clock.now())
        for name in CORRECTED
        if getattr(signature, name) != getattr(statement, name)
    ]
