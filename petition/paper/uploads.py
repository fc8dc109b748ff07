"""Tables that staff hands in: kept between the steps of an import in private files, and removed after a day."""

import os
import re
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flask import current_app

from petition import clock
from petition.settings import Settings

KEEP = timedelta(days=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def keep(content: bytes, *, owner: str) -> str:
    """Keep the file for this owner alone; returns the random name by which it is found again."""
    token = secrets.token_urlsafe(16)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / _name(token, owner), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return token


def find(token: str, *, owner: str) -> bytes | None:
    """What the owner kept under this name, unless it is gone."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        return (_folder() / _name(token, owner)).read_bytes()
    except OSError:
        return None


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
    return f"{owner}.{token}.table"
