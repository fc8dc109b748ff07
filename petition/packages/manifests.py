"""The manifest: every file of a delivery with its size and SHA-256, in canonical JSON (RFC 8785), and its signature."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rfc8785

from petition import clock, whole
from petition.packages import instructions, site_key, wordings, zipping
from petition.packages.verify import MANIFEST, SIGNATURE
from petition.staging.orders import Order
from petition.staging.staging import Staging

FORMAT = "petition-delivery/1"
ORDER_OF_PARTS = (
    re.compile(r"VERIFY\.txt"),
    re.compile(r"verify\.py"),
    re.compile(r"letter\.pdf"),
    re.compile(r"summary\.json"),
    re.compile(r"numbers/[a-z-]+\.svg"),
    re.compile(r"declaration/[a-z-]+(-v[0-9]+)?\.md"),
    re.compile(r"signatories\.(csv|jsonl|xlsx)"),
    re.compile(r"book/volume-[0-9]+\.pdf"),
)
"""What a delivery may hold, in the order of the manifest and of the package."""
WITH_ROWS = ("signatories.csv", "signatories.jsonl")


class ManifestRefused(Exception):
    """There lies something in the folder that belongs in no delivery."""


def make(staging: Staging, order: Order, folder: Path, *, fonts: Sequence[dict[str, Any]] = ()) -> Path:
    """Write ``manifest.json`` and ``manifest.sig`` over all parts that lie in the folder.

    VERIFY.txt and verify.py are put there as well. Drafts and other hidden files are passed over. Raises
    ManifestRefused.
    """
    instructions.make(staging, order, folder)
    content = rfc8785.dumps(_manifest(staging, order, folder, fonts))
    path = whole.write(folder / MANIFEST, content)
    whole.write(folder / SIGNATURE, site_key.sign(staging.facts.slug, content))
    return path


def sha256(manifest: Path) -> str:
    """By what a delivery is known."""
    return hashlib.sha256(manifest.read_bytes()).hexdigest()


def parts(folder: Path) -> list[Path]:
    """The files of a delivery, in their order. Raises ManifestRefused for any that is none of them."""
    found = [path for path in folder.rglob("*") if not path.is_dir()]
    names = [path.relative_to(folder).as_posix() for path in found]
    shown = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    strangers = [name for name in shown if _place(name) is None and name not in (MANIFEST, SIGNATURE)]
    if strangers:
        raise ManifestRefused(f"These belong in no delivery: {', '.join(sorted(strangers))}.")
    return [
        folder / name for _place_of, name in sorted((_place(name), name) for name in shown if _place(name) is not None)
    ]


def _place(name: str) -> int | None:
    return next((nth for nth, pattern in enumerate(ORDER_OF_PARTS) if pattern.fullmatch(name)), None)


def _manifest(staging: Staging, order: Order, folder: Path, fonts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    facts = staging.facts
    return {
        "format": FORMAT,
        "software": facts.software,
        "key": site_key.public_key_line(),
        "as_of": clock.iso(facts.as_of),
        "declaration": {
            "slug": facts.slug,
            "site": facts.site,
            "sample": facts.sample,
            "texts": wordings.facts(staging),
        },
        "counts": {"signatures": facts.count, "shown": facts.shown, "by_visibility": dict(facts.by_visibility)},
        "order": _order(order),
        "fonts": list(fonts),
        "files": [_entry(path, folder, facts.count) for path in parts(folder)],
    }


def _order(order: Order) -> dict[str, Any]:
    """Without the reader's key, so that a package is the same encrypted or not."""
    return {
        "reader": order.reader.value,
        "languages": list(order.languages),
        "sorting": order.sorting.value,
        "shows": {name: showing.value for name, showing in order.shows.items()},
        "parts": sorted(part.value for part in order.parts),
        "with_addresses": order.with_addresses,
        "accessible": order.accessible,
        "boxes": order.boxes,
    }


def _entry(path: Path, folder: Path, count: int) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    entry: dict[str, Any] = {"path": name, "size": path.stat().st_size, "sha256": digest}
    if name in WITH_ROWS:
        entry["rows"] = count
    if packed := zipping.deflated(path):
        entry["deflated"] = packed
    return entry
