"""Splices: marks in a page that is otherwise the same for everyone, filled in for a request whose query asks for it."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from markupsafe import Markup

_MARK = secrets.token_hex(8)
# Nobody can guess it, so nothing that was typed is taken for a mark; and it is the same when it is escaped or quoted.
_MARKS = re.compile(rf"{_MARK}\.([a-z]+)\.")

Splice = Callable[[str], Mapping[str, str]]
"""What stands at each mark for this query string, fit for its place; nothing where the page stays as it is.

It is called before Flask begins, so it brings its own application context.
"""


def mark(name: str) -> Markup:
    """What a template is given in place of what depends on the query."""
    return Markup(f"{_MARK}.{name}.")


@dataclass(frozen=True)
class Cut:
    """A page cut at its marks: texts and the marks' names by turns."""

    pieces: tuple[str, ...]

    @classmethod
    def at_marks(cls, page: str) -> Self:
        return cls(tuple(_MARKS.split(page)))

    @property
    def plain(self) -> bytes:
        """The page for everyone, without the marks."""
        return "".join(self.pieces[::2]).encode()

    def filled(self, values: Mapping[str, str]) -> bytes:
        pieces = list(self.pieces)
        pieces[1::2] = [values.get(name, "") for name in pieces[1::2]]
        return "".join(pieces).encode()
