"""Tell that the declaration was handed over, and take back what was told wrongly; it is public at once."""

from collections.abc import Iterable
from dataclasses import replace

from petition.declarations import handovers, publishing, saving
from petition.declarations.models import Declaration
from petition.declarations.plans import Handover


def tell(declaration: Declaration, handover: Handover) -> None:
    """Add it to the declaration's hand-overs. The row must be locked: what is told is a part of its plan."""
    _store(declaration, [handover, *declaration.plan.handovers])


def take_back(declaration: Declaration, handover: Handover) -> None:
    """The public is told of it no more. The row must be locked."""
    _store(declaration, [each for each in declaration.plan.handovers if each != handover])


def find(declaration: Declaration, record: str) -> Handover | None:
    """The one that the console recorded under this id."""
    return next((each for each in declaration.plan.handovers if record and each.record == record), None)


def _store(declaration: Declaration, told: Iterable[Handover]) -> None:
    frame = saving.frame_of(declaration)
    publishing.apply(declaration, replace(frame, plan=replace(frame.plan, handovers=handovers.in_order(told))))
