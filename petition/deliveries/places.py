"""Where a delivery's files lie while it is made and until it is removed: a private folder of its own."""

import json
import shutil
from pathlib import Path
from typing import Any

from flask import current_app

from petition.deliveries.models import Delivery
from petition.settings import Settings

FOLDER = "deliveries"
STAGING = "staging.sqlite"
PACKAGE = "package"
DONE = "done"
MAKING = "making"
UNSETTABLE = "unsettable.json"


def root() -> Path:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings.instance_dir.absolute() / FOLDER


def folder_of(delivery: Delivery) -> Path:
    return root() / delivery.public_id


def file_of(delivery: Delivery) -> Path:
    """The finished package; it is there only under this name and only when it is whole."""
    return folder_of(delivery) / delivery.file_name


def open_folder(delivery: Delivery) -> Path:
    """The delivery's folder, made if it is missing; nobody else on the machine may look into it."""
    folder = folder_of(delivery)
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove(folder: Path, *, but: str = "") -> None:
    """Remove a folder or file, or all in a folder but one file; twice is once."""
    if not folder.is_dir():
        folder.unlink(missing_ok=True)
    elif not but:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        for each in folder.iterdir():
            if each.name != but:
                remove(each)


def unsettable_of(delivery: Delivery) -> list[dict[str, Any]]:
    """The names and words that no font could set, and stopped it; empty where nothing did, or it is long ago."""
    try:
        found: list[dict[str, Any]] = json.loads((folder_of(delivery) / UNSETTABLE).read_text())
    except (OSError, ValueError):
        return []
    return found
