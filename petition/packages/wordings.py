"""The declaration's text as it was signed: every version that somebody signed, and every current one."""

import hashlib
from pathlib import Path
from typing import Any

from petition import whole
from petition.staging.staging import StagedText, Staging


class WordingRefused(Exception):
    """A stored text is not the one that was published."""


def make(staging: Staging, folder: Path) -> list[Path]:
    """``declaration/<language>.md``, byte for byte as published. Raises WordingRefused."""
    return [whole.write(folder / path_of(text), _published(text)) for text in _all(staging)]


def path_of(text: StagedText) -> str:
    """An older version's file has its number in its name."""
    return f"declaration/{text.language}{'' if text.current else f'-v{text.number}'}.md"


def facts(staging: Staging) -> list[dict[str, Any]]:
    """Which texts there are, by which hash each is known, and how many signed it."""
    return [
        {
            "path": path_of(text),
            "language": text.language,
            "version": text.number,
            "current": text.current,
            "sha256": text.sha256,
            "signed": text.signed,
        }
        for text in _all(staging)
    ]


def _all(staging: Staging) -> list[StagedText]:
    return sorted(staging.facts.texts, key=lambda text: (text.language, text.number))


def _published(text: StagedText) -> bytes:
    content = text.source.encode()
    if hashlib.sha256(content).hexdigest() != text.sha256:
        raise WordingRefused(
            f"Version {text.number} of the text in {text.language} has not the SHA-256 it is known by."
        )
    return content
