"""Tables that staff hands in: read once, their rows kept in private files between the steps of an import, for a day."""

import json
import os
import re
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flask import current_app

from petition import clock
from petition.paper.tables import Table
from petition.settings import Settings

KEEP = timedelta(days=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def keep(table: Table, *, owner: str) -> str:
    """Keep the rows for this owner alone; returns the random name by which they are found again."""
    token = secrets.token_urlsafe(16)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _name(token, owner)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump([table.header, table.rows], file, ensure_ascii=False)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return token


def find(token: str, *, owner: str) -> Table | None:
    """What the owner kept under this name, unless it is gone."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        header, rows = json.loads((_folder() / _name(token, owner)).read_text("utf-8"))
    except (OSError, ValueError):
        # No such file, or one that an earlier version kept, which held something else.
        return None
    return Table(tuple(header), tuple((number, tuple(cells)) for number, cells in rows))


def remove(token: str, *, owner: str) -> None:
    if _TOKEN.fullmatch(token):
        (_folder() / _name(token, owner)).unlink(missing_ok=True)


def purge() -> int:
    """Remove what has lain for a day: it is full of names, and nobody came back for it."""
    oldest = (clock.now() - KEEP).timestamp()
    removed = 0
    # There may be no such folder; another process may remove the same file.
    with suppress(OSError):
        for file in _folder().iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def _folder() -> Path:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings.instance_dir / "imports"


def _name(token: str, owner: str) -> str:
    return f"{owner}.{token}.rows"
