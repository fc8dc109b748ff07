"""The audit trail as a file: CSV for people, JSONL for programs, written as a stream."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from petition import clock
from petition.accounts import scopes, trail
from petition.accounts.trail_models import TrailEntry
from petition.names import FORMULA_STARTS

COLUMNS = (
    "number", "at", "account", "name", "act", "what", "declaration", "subject", "why", "detail", "network", "digest",
)  # fmt: skip


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/jsonl; charset=utf-8"}


def write(batches: Iterable[Sequence[TrailEntry]], *, format: Format) -> Iterator[str]:
    """The file, a batch of entries at a time. What was emptied is empty; the digests stay."""
    if format is Format.CSV:
        # Excel takes UTF-8 for something else without a byte order mark.
        yield "\ufeff" + _csv([COLUMNS])
    for batch in batches:
        yield _WRITERS[format](_rows(batch))


def _rows(batch: Sequence[TrailEntry]) -> list[dict[str, Any]]:
    people = trail.names(entry.account for entry in batch)
    declarations = {entry.scope: scopes.name(entry.scope) for entry in batch if entry.scope is not None}
    return [_row(entry, people.get(entry.account, ""), declarations.get(entry.scope or 0)) for entry in batch]


def _row(entry: TrailEntry, name: str, declaration: str | None) -> dict[str, Any]:
    detail = trail.detail_of(entry)
    return {
        "number": entry.number,
        "at": clock.iso(entry.at),
        "account": entry.account,
        "name": name,
        "act": entry.act,
        "what": trail.name_of(entry.act),
        "declaration": declaration,
        "subject": entry.subject,
        "why": detail.pop("why", None),
        "detail": detail,
        "network": entry.network,
        "digest": entry.digest.hex(),
    }


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    return _csv([[_cell(row[name]) for name in COLUMNS] for row in rows])


def _as_jsonl(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_WRITERS: dict[Format, Callable[[Sequence[Mapping[str, Any]]], str]] = {
    Format.CSV: _as_csv,
    Format.JSONL: _as_jsonl,
}


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    # As in a delivery: no cell may begin what a spreadsheet would take for a formula.
    return f"'{text}" if text.startswith(tuple(FORMULA_STARTS)) else text


def _csv(rows: Iterable[Sequence[str]]) -> str:
    page = io.StringIO()
    csv.writer(page).writerows(rows)
    return page.getvalue()
