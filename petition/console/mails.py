"""The outgoing mails of the embedded default: files in a folder, found by name and read whatever they hold."""

import email
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from markupsafe import Markup, escape

PAGE = 50
LARGEST = 2_000_000
"""Bytes of a file that are read; ours are a hundredth of it."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the outbox calls its files: a random id. Nothing in it leads out of the folder."""

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True)
class Outgoing:
    """One mail as it lies in the folder."""

    name: str
    written_at: datetime
    to: str = ""
    subject: str = ""
    dated: datetime | None = None
    text: str = ""


def newest(folder: Path, *, page: int) -> tuple[list[Outgoing], bool]:
    """One page of the mails, newest first, counted from 1; and whether there are more after it."""
    names = sorted(_listed(folder), reverse=True)
    shown = names[(page - 1) * PAGE : page * PAGE]
    found = [find(folder, name) for _written, name in shown]
    return [mail for mail in found if mail is not None], len(names) > page * PAGE


def find(folder: Path, name: str) -> Outgoing | None:
    """The mail of this name; None where there is none, or where its name is none of ours."""
    raw = source(folder, name)
    at = _written(folder / f"{name}.eml") if raw is not None else None
    if raw is None or at is None:
        return None
    written = datetime.fromtimestamp(at, UTC)
    try:
        return _read(name, written, raw)
    except Exception:
        # The parser raises whatever it stumbles over; the file is still there to be fetched.
        return Outgoing(name, written)


def source(folder: Path, name: str) -> bytes | None:
    """The file's bytes. A link in the folder leads nowhere."""
    path = folder / f"{name}.eml"
    if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError:
        return None


def linked(text: str, *, ours: str) -> Markup:
    """The text with links that can be followed: those to our own pages, and no others."""
    parts: list[Markup] = []
    end = 0
    for match in _URL.finditer(text):
        if not match[0].startswith(f"{ours.rstrip('/')}/"):
            continue
        parts += [escape(text[end : match.start()]), Markup('<a href="{url}">{url}</a>').format(url=match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _listed(folder: Path) -> Sequence[tuple[float, str]]:
    if not folder.is_dir():
        return []
    files = [path for path in folder.glob("*.eml") if NAME.fullmatch(path.stem) and not path.is_symlink()]
    return [(written, path.stem) for path in files if (written := _written(path)) is not None]


def _written(path: Path) -> float | None:
    """None where the sweep has just taken it away."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _read(name: str, written: datetime, raw: bytes) -> Outgoing:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return Outgoing(
        name,
        written,
        to=_printable(str(message["To"] or "")),
        subject=_printable(str(message["Subject"] or "")),
        dated=_dated(str(message["Date"] or "")),
        text=_printable(body.get_content() if body is not None else "", but="\n\t"),
    )


def _dated(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _printable(text: str, *, but: str = "") -> str:
    """Without control characters and halves of characters, which no page can show."""
    text = text.replace("\r\n", "\n").encode(errors="replace").decode()
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cs") or char in but else " " for char in text)
