"""Import: rows of a table become signatures given on paper; each row's fate is told, and nothing is half done."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from petition.declarations.models import Declaration
from petition.paper import comparing, days, entering, inserting
from petition.paper.entries import Ready
from petition.paper.inserting import Progress
from petition.paper.likeness import Known
from petition.paper.refusals import AlreadySigned, EntryRefused, PerhapsSigned
from petition.paper.rows import Draft
from petition.signatures.refusals import Refusal


class Fate(StrEnum):
    ENTERED = "entered"
    SAME_ADDRESS = "same address"
    SAME_NAME = "same name and country"
    REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """What became of a row. ``about`` are public ids: of what was entered, or of what was there."""

    number: int
    fate: Fate
    about: tuple[str, ...] = ()
    reason: str = ""


def foretell(declaration: Declaration, drafts: Sequence[Draft]) -> list[Told]:
    """What would become of each row; nothing is written."""
    return [told for told, _ready in _judge(declaration, drafts)]


def enter(declaration: Declaration, drafts: Sequence[Draft], *, progress: Progress | None = None) -> list[Told]:
    """Enter what can be; a row like a signature that is there, or like an earlier row, is told and not entered.

    So the same table once more enters nothing. Who is there by name and country alone is entered by hand, knowingly.
    """
    entering.lock(declaration)
    judged = list(_judge(declaration, drafts))
    made = inserting.insert([ready for _told, ready in judged if ready], progress=progress)
    return [_entered(told, ready, made) if ready else told for told, ready in judged]


def counts(told: Sequence[Told]) -> dict[str, int]:
    """How many rows had which fate."""
    found = Counter(each.fate for each in told)
    return {str(fate): found[fate] for fate in Fate}


def report(told: Sequence[Told]) -> str:
    """Each row's fate as CSV. It repeats nothing that stood in the file, so it names nobody."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["row", "fate", "signatures", "reason"])
    writer.writerows([each.number, each.fate, " ".join(each.about), each.reason] for each in told)
    return lines.getvalue()


def _judge(declaration: Declaration, drafts: Sequence[Draft]) -> Iterator[tuple[Told, Ready | None]]:
    """What becomes of each row, and what is to be stored of it."""
    there = comparing.find(declaration, [draft.ready.likeness for draft in drafts if draft.ready])
    for draft in drafts:
        if draft.ready is None:
            yield Told(draft.number, Fate.REFUSED, reason=draft.problem), None
            continue
        try:
            days.check(declaration, draft.ready.signed_on)
            there.refuse(draft.ready.likeness)
        except Refusal as refusal:
            yield _refused(draft.number, refusal), None
            continue
        there.add(Known(draft.ready.likeness, row=draft.number))
        yield Told(draft.number, Fate.ENTERED), draft.ready


def _refused(number: int, refusal: Refusal) -> Told:
    about = refusal.about if isinstance(refusal, EntryRefused) else ()
    fates = ((AlreadySigned, Fate.SAME_ADDRESS), (PerhapsSigned, Fate.SAME_NAME))
    fate = next((fate for kind, fate in fates if isinstance(refusal, kind)), Fate.REFUSED)
    return Told(number, fate, about, str(refusal.sentence))


def _entered(told: Told, ready: Ready, made: Set[str]) -> Told:
    """What was to be entered was, unless somebody confirmed its address meanwhile."""
    if ready.public_id in made:
        return replace(told, about=(ready.public_id,))
    return _refused(told.number, AlreadySigned())
