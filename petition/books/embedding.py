"""Which fonts a delivery was set in, by name and SHA-256: with the same ones it can be set again to the byte."""

import hashlib
import json
from pathlib import Path
from typing import Any

from petition.books import fonts
from petition.staging.orders import Order
from petition.staging.staging import Staging


def fonts_for(staging: Staging, order: Order) -> list[dict[str, Any]]:
    """The families chosen for everything that is set, each with its file's SHA-256; none for those inside typst."""
    used = set(json.dumps(json.loads(staging.facts.to_json()), ensure_ascii=False))
    for row in staging.rows():
        if row.name:
            used.update(row.name, row.affiliation, row.role)
    families = fonts.choose(used, language=order.languages[0]).families
    return [{"family": family, "sha256": _digest(fonts.file_of(family))} for family in families]


def _digest(path: str | None) -> str | None:
    if path is None:
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
