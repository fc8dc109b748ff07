"""Tables that staff hands in: read once, their rows kept encrypted between the steps of an import, for a day."""

import json
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from petition import clock, keys
from petition.columns import new_public_id
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.paper.models import HandedTable
from petition.paper.tables import Table
from petition.privacy.keepers import PURGE_BATCH

KEEP = timedelta(days=1)


def keep(declaration: Declaration, table: Table, *, owner: str) -> str:
    """Keep the rows for this account alone; returns the random name by which they are found again."""
    content = json.dumps([table.header, table.rows], ensure_ascii=False)
    row = HandedTable(
        public_id=new_public_id(),
        declaration_id=declaration.id,
        owner=owner,
        content=keys.ring().encrypt(content),
        expires_at=clock.now() + KEEP,
    )
    db.session.add(row)
    db.session.flush()
    return row.public_id


def find(declaration: Declaration, token: str, *, owner: str) -> Table | None:
    """What this account kept under this name for this declaration, unless it is gone."""
    live = HandedTable.public_id == token, HandedTable.expires_at > clock.now()
    theirs = HandedTable.declaration_id == declaration.id, HandedTable.owner == owner
    content = db.session.scalar(select(HandedTable.content).where(*live, *theirs))
    if content is None:
        return None
    header, rows = json.loads(keys.ring().decrypt(content))
    return Table(tuple(header), tuple((number, tuple(cells)) for number, cells in rows))


def remove(token: str) -> bool:
    """Whether it was there still: of two who use it at once, one does."""
    return _remove(HandedTable.public_id == token) > 0


def purge() -> int:
    """Remove what has lain for a day: it is full of names, and nobody came back for it."""
    old = select(HandedTable.id).where(HandedTable.expires_at <= clock.now()).limit(PURGE_BATCH)
    return _remove(HandedTable.id.in_(old))


def _remove(which: ColumnElement[bool]) -> int:
    statement = delete(HandedTable).where(which).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
