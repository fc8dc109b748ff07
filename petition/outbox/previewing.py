"""Write every mail of every kind in every language into files, for people to look at."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message as EmailMessage
from pathlib import Path

from flask import Flask, current_app

from petition import clock, languages
from petition.columns import new_public_id
from petition.outbox import letters
from petition.outbox.composing import Message
from petition.outbox.models import Mail

Sample = Callable[[Mail], Message]
"""Writes a mail of its kind about made-up people, in the mail's language; asks no database."""


def register(app: Flask, name: str, sample: Sample) -> None:
    """What a mail looks like. ``name`` is its kind; where a kind has several shapes, the kind, a dash and the shape."""
    _samples(app)[name] = sample


def names(app: Flask) -> list[str]:
    return sorted(_samples(app))


def write(folder: Path) -> Iterator[Path]:
    """Write each mail as it would leave, and its HTML part by itself; tell each file once it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, sample in sorted(_samples(current_app).items()):
        for language in languages.NAMES:
            mail = _mail(name.partition("-")[0], language)
            message = sample(mail)
            path = folder / f"{name}.{language}"
            yield _put(path.with_name(f"{path.name}.eml"), _as_it_leaves(mail, message))
            yield _put(path.with_name(f"{path.name}.html"), message.html.encode())


def _mail(kind: str, language: str) -> Mail:
    """A row that is never stored, as a worker has it in hand."""
    now = clock.now()
    return Mail(
        public_id=new_public_id(),
        kind=kind,
        reference="",
        language=language,
        created_at=now,
        attempts=0,
        claimed_until=now + timedelta(minutes=2),
    )


def _as_it_leaves(mail: Mail, message: Message) -> bytes:
    written: EmailMessage = letters.write(mail, message).message
    return written.as_bytes()


def _put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _samples(app: Flask) -> dict[str, Sample]:
    samples: dict[str, Sample] = app.extensions.setdefault("petition.mail_samples", {})
    return samples
