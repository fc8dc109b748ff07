"""What an organiser orders: for which reader, in which languages and order, who is shown, in which formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reader(StrEnum):
    """For whom a delivery is made."""

    ADDRESSEE = "addressee"
    PRESS = "press"
    ARCHIVE = "archive"
    PARTNER = "partner"


class Sorting(StrEnum):
    """How signatories are put in order: by country and name (Unicode root collation), or by time."""

    COUNTRY = "country"
    TIME = "time"


class Showing(StrEnum):
    """What a delivery shows of a signature: everything stated, or nothing but that it counts."""

    NAME = "name"
    NUMBER = "number"


class Part(StrEnum):
    """What a package may hold besides its letter, its summary, the text and the manifest."""

    BOOK = "book"
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


@dataclass(frozen=True)
class Order:
    """Everything that decides what a delivery holds; the same order of the same snapshot gives the same bytes."""

    slug: str
    reader: Reader
    languages: tuple[str, ...]
    """The first is the language of the letter, the book's headings and the countries' names."""
    sorting: Sorting
    shows: Mapping[str, Showing]
    """By visibility: ``public``, ``addressee``, ``counted``; the last never shows a name."""
    parts: frozenset[Part]
    with_addresses: bool = False
    accessible: bool = False
    """Whether the book and the letter are PDF/UA-1 besides PDF/A-2."""
    boxes: bool = False
    """Whether names that no font can set are drawn as boxes with their code points; else they stop the job."""
    age_key: str | None = None
    """The reader's age recipient (``age1…``); the package is encrypted to it."""
