"""One rule, shared by SQL and Python: no cell may begin what a spreadsheet would take for a formula."""

import re
from typing import Any

from sqlalchemy import SQLColumnExpression, case, func

from petition.names import FORMULA_STARTS

GUARD = "'"
"""Put before such a cell, as spreadsheet programs do themselves to mark text."""

# Input refuses such names already; this is for rows that came before, or by another way.
_STARTS = re.compile(f"[{re.escape(FORMULA_STARTS)}]")


def neutralise(cell: str) -> str:
    """The cell, with a guard before it if it begins like a formula."""
    return GUARD + cell if _STARTS.match(cell) else cell


def neutralised(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """The same in SQL."""
    first = func.substr(column, 1, 1)
    return case((first.in_(list(FORMULA_STARTS)), GUARD + column), else_=column)
