"""The list at a million: whatever it is narrowed to, an index leads to a page of it, and nothing else is read."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition.extensions import db
from petition.signatures import listing
from tests import make
from tests.signatures import plans, steps

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


def test_no_page_of_the_list_reads_or_sorts_more_than_itself(app: Flask, client: FlaskClient, many: None) -> None:
    for asked, query in QUERIES.items():
        with plans.captured() as sent:
            first = steps.look(client, f"{LIST}?{query}").html
            if 'rel="next"' in first:
                cursor = first.partition('rel="next"')[0].rpartition("after=")[2].partition("&")[0].partition('"')[0]
                steps.look(client, f"{LIST}?{query}&after={cursor}")
        assert len(sent) in (2, 4), asked
        for statement, parameters in sent:
            if db.engine.dialect.name == "postgresql":
                assert plans.rows_read(statement, parameters) <= 5 * listing.PAGE, asked
            else:
                seen = plans.steps(statement, parameters)
                ours = [step for step in seen if "signatures" in step]
                assert ours and all(step.startswith("SEARCH") for step in ours), (asked, seen)
                assert not plans.sorts(seen), (asked, seen)
