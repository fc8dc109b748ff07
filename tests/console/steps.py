"""What the console's tests share: rounds of the worker, figures as they are kept, and pages read back."""

import html
import re
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import Update, insert, update

from petition import clock
from petition.columns import new_public_id
from petition.console import counting, figures
from petition.console.figures import Kept
from petition.console.models import StoredFigures
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures.models import Signature
from tests import make

HOME = f"/console/declarations/{make.SLUG}/"


def declaration() -> Declaration:
    found: Declaration = make.text().declaration
    return db.session.merge(found)


def count() -> Kept:
    """A round of the worker, whenever the last one was; returns what it kept."""
    db.session.execute(update(StoredFigures).values(claimed_until=clock.now()))
    db.session.commit()
    counting.count_all()
    kept = figures.find(make.text().declaration_id)
    assert kept is not None
    return kept


def signed(number: int, **stated: object) -> None:
    """So many signatures with these facts; the tally does not know of them."""
    at = clock.now() - timedelta(hours=1)
    facts = {"created_at": at, "confirmed_at": at, "source": "", "channel": "web", "language": "en", **stated}
    same = {"declaration_id": make.text().declaration_id, "text_id": make.text().id, **vars(make.statement())}
    db.session.execute(insert(Signature), [{**same, **facts, "public_id": new_public_id()} for _nth in range(number)])
    db.session.commit()


def close(at: datetime | None) -> None:
    db.session.execute(update(Declaration).values(closes_at=at))
    db.session.commit()


def tiles(client: FlaskClient) -> dict[str, str]:
    """The large figures of the home by their labels, tags and the small words below left out."""
    page = client.get(HOME)
    assert page.status_code == 200, page.status
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)(?:<p|</dd>)", page.text, re.DOTALL)
    return {label: html.unescape(re.sub(r"<.*?>", "", said)) for label, said in found}


def cells(page: str) -> list[list[str]]:
    """Every row of every table on the page, without tags."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<.*?>", "", cell) for cell in row] for row in found]


def storing(stored: dict[str, object]) -> Update:
    """As if a worker had counted this."""
    return update(StoredFigures).values(stored=stored)
