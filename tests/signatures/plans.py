"""What a database does to answer: the statements that were sent, the rows it had in its hands, what it sorted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, event

from petition.extensions import db


@contextmanager
def captured(table: str = "signatures") -> Iterator[list[tuple[str, Any]]]:
    """The statements about a table, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if table in statement:
            sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def rows_read(statement: str, parameters: Any) -> float:
    """How many rows of the table PostgreSQL had in its hands."""
    explained = db.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    found = explained.scalar()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    scans = [node for node in _nodes(plan) if node.get("Relation Name") == "signatures"]
    assert scans
    assert not [node for node in scans if node["Node Type"] == "Seq Scan"]
    return sum((each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"] for each in scans)


def steps(statement: str, parameters: Any) -> list[str]:
    explained = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[-1] for row in explained]


def sorts(seen: list[str]) -> list[str]:
    """What SQLite sorts, apart from the two times a page that were found by name, once each is in hand."""
    pairs = pairwise(seen)
    return [step for before, step in pairs if "TEMP B-TREE" in step and "INTEGER PRIMARY KEY" not in before]
