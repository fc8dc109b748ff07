"""The list at a million: whatever it is narrowed to, an index leads to a page of it, and nothing else is read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from petition.extensions import db
from petition.signatures import listing
from tests import make
from tests.signatures import steps

LIST = f"/en/{make.SLUG}/signatories"
ROWS = 20_000
NAMES = [
    f"{given} {family}"
    for given in ("Ada", "Grace", "Łucja", "Zoë", "明")
    for family in ("Rossi", "Hopper", "Ng", "Griffin")
]
QUERIES = {
    "": "",
    "country": "country=IT",
    "rare country": "country=VA",
    "sector": "kind=health",
    "country and sector": "country=IT&kind=health",
    "country and sector that never meet": "country=FR&kind=faith",
    "name": "name=gr",
    "last word": "name=ross",
    "name and last word alike": "name=g",
    "name that all share": "name=a",
    "name and country": "name=gr&country=IT",
    "name and rare country": "name=gr&country=VA",
    "name and sector": "name=ross&kind=health",
    "everything": "name=ross&kind=health&country=DE",
    "nobody": "name=xyz",
}


@pytest.fixture
def many(app: Flask, sectors: None) -> None:
    make.crowd(
        ROWS,
        name=NAMES,
        country=["IT"] * 20 + ["DE"] * 11 + ["GB"] * 6,
        sector=["health", "education", None, None, "research", "other"],
        visibility=["public", "public", "addressee", "counted"],
    )
    make.crowd(3, name="Rara Avis", country="VA")
    make.crowd(3, country="FR", sector="research")
    make.crowd(3, country="GB", sector="faith")
    db.session.execute(text("ANALYZE"))
    db.session.commit()


@contextmanager
def captured() -> Iterator[list[tuple[str, Any]]]:
    """The statements about signatures, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "signatures" in statement:
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


def _read(statement: str, parameters: Any) -> float:
    """How many rows of the table PostgreSQL had in its hands."""
    explained = db.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    found = explained.scalar()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    scans = [node for node in _nodes(plan) if node.get("Relation Name") == "signatures"]
    assert scans
    assert not [node for node in scans if node["Node Type"] == "Seq Scan"]
    return sum((each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"] for each in scans)


def _steps(statement: str, parameters: Any) -> list[str]:
    explained = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[-1] for row in explained]


def _sorts(seen: list[str]) -> list[str]:
    """What SQLite sorts, apart from the two times a page that were found by name, once each is in hand."""
    pairs = pairwise(seen)
    return [step for before, step in pairs if "TEMP B-TREE" in step and "INTEGER PRIMARY KEY" not in before]


def test_no_page_of_the_list_reads_or_sorts_more_than_itself(app: Flask, client: FlaskClient, many: None) -> None:
    for asked, query in QUERIES.items():
        with captured() as sent:
            first = steps.look(client, f"{LIST}?{query}").html
            if 'rel="next"' in first:
                cursor = first.partition('rel="next"')[0].rpartition("after=")[2].partition("&")[0].partition('"')[0]
                steps.look(client, f"{LIST}?{query}&after={cursor}")
        assert len(sent) in (2, 4), asked
        for statement, parameters in sent:
            if db.engine.dialect.name == "postgresql":
                assert _read(statement, parameters) <= 5 * listing.PAGE, asked
            else:
                seen = _steps(statement, parameters)
                ours = [step for step in seen if "signatures" in step]
                assert ours and all(step.startswith("SEARCH") for step in ours), (asked, seen)
                assert not _sorts(seen), (asked, seen)
