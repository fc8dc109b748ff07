"""Mails and pages that are the same but for a few blanks: printed once, then filled in for each person."""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from flask import current_app
from markupsafe import Markup

Printed = TypeVar("Printed")

MOST_KEPT = 500
_MARK = secrets.token_hex(8)
# Nobody can guess it, so nothing that was typed is taken for a blank; and it is the same when it is quoted.
_BLANK = re.compile(rf"{_MARK}\.([a-z_]+)\.")


def blank(name: str) -> Markup:
    """What a template is given in place of a value that differs from person to person."""
    return Markup(f"{_MARK}.{name}.")


@dataclass(frozen=True)
class Sheet:
    """What was rendered with blanks: texts and the blanks' names by turns."""

    pieces: tuple[str, ...]

    @classmethod
    def printed(cls, rendered: str) -> Self:
        return cls(tuple(_BLANK.split(rendered)))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with a value in every blank; what goes into HTML must be escaped."""
        pieces = list(self.pieces)
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)


def kept(key: Hashable, make: Callable[[], Printed]) -> Printed:
    """What was printed under this key, which must hold everything that its words depend on; or make it now."""
    sheets: dict[Hashable, Printed] = current_app.extensions.setdefault("petition.sheets", {})
    if key not in sheets:
        if len(sheets) >= MOST_KEPT:
            sheets.clear()
        sheets[key] = make()
    return sheets[key]
