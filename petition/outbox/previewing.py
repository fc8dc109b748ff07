"""Write every mail of every kind in every language into files, for people to look at."""

from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, current_app

from petition import clock, languages
from petition.columns import new_public_id
from petition.outbox import letters
from petition.outbox.composing import Message
from petition.outbox.models import Mail

Sample = Callable[[Mail], Message]
"""Writes a mail of its kind about made-up people, in the mail's language; asks no database."""


def register(app: Flask, kind: str, sample: Sample, *, shape: str = "") -> None:
    """What a mail of this kind looks like; where it has several looks, each has its ``shape``."""
    _samples(app)[kind, shape] = sample


def kinds(app: Flask) -> set[str]:
    return {kind for kind, _shape in _samples(app)}


def write(folder: Path) -> Iterator[Path]:
    """Write each mail as it would leave, and its HTML part by itself; tell each file once it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for (kind, shape), sample in sorted(_samples(current_app).items()):
        for language in languages.NAMES:
            mail = _mail(kind, language)
            message = sample(mail)
            name = f"{kind}-{shape}.{language}" if shape else f"{kind}.{language}"
            yield _put(folder / f"{name}.eml", letters.finish(mail, message).in_a_file)
            yield _put(folder / f"{name}.html", message.html.encode())


def _mail(kind: str, language: str) -> Mail:
    """A row that is never stored."""
    now = clock.now()
    return Mail(
        public_id=new_public_id(),
        kind=kind,
        reference="",
        language=language,
        created_at=now,
        attempts=0,
    )


def _put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _samples(app: Flask) -> dict[tuple[str, str], Sample]:
    samples: dict[tuple[str, str], Sample] = app.extensions.setdefault("petition.mail_samples", {})
    return samples
