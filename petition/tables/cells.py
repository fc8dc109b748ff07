"""One rule, shared by SQL and Python: no cell may begin what a spreadsheet would take for a formula."""

import re
from typing import Any

from sqlalchemy import SQLColumnExpression, case, func

from petition.extensions import db
from petition.names import FORMULA_STARTS

BOM = "\ufeff"
"""Before a CSV file; without it spreadsheet programs take UTF-8 for something else."""
GUARD = "'"
"""Put before such a cell, as spreadsheet programs do themselves to mark text."""

# Input refuses such names already; this is for rows that came before, or by another way.
_STARTS = re.compile(f"[{re.escape(FORMULA_STARTS)}]")


def neutralise(cell: str) -> str:
    """The cell, with a guard before it if it begins like a formula."""
    return GUARD + cell if _STARTS.match(cell) else cell


def neutralised(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """The same in SQL."""
    return case((begins_like_formula(column), GUARD + column), else_=column)


def begins_like_formula(column: SQLColumnExpression[Any]) -> SQLColumnExpression[bool]:
    """The rule in SQL, by the first character's code point: numbers compare faster than texts."""
    code_point = func.unicode if db.engine.dialect.name == "sqlite" else func.ascii
    return code_point(column).in_([ord(start) for start in FORMULA_STARTS])
