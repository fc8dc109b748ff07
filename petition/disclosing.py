"""Hand out rows to whom they are about: every column, unless it is left out by name and for a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import inspect

from petition import clock
from petition.extensions import Base


@dataclass(frozen=True)
class Disclosure:
    """How rows of one table are handed out, fit to become JSON.

    A column that the table gets later is handed out under its own name without anyone thinking of it.
    """

    table: type[Base]
    left_out: Mapping[str, str]
    """Columns that are not handed out, each with the reason."""
    instead: Mapping[str, Callable[[Any], Mapping[str, Any]]] = field(default_factory=dict)
    """What stands in for a column: the row's keys and values that say the same to a person."""

    def of(self, row: Base) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name in self.columns:
            if name in self.instead:
                told.update(self.instead[name](row))
            elif name not in self.left_out:
                told[name] = _plain(getattr(row, name))
        return told

    @property
    def columns(self) -> list[str]:
        """The names of all the table's columns, in their order."""
        return [column.key for column in inspect(self.table).column_attrs]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.hex() if isinstance(value, bytes) else value
