"""Readers, states, stages and the rest in words that people read, in their language."""

from flask_babel import LazyString, lazy_gettext

from petition.deliveries.models import State
from petition.staging.orders import Part, Reader, Sorting

READERS: dict[Reader, LazyString] = {
    Reader.ADDRESSEE: lazy_gettext("The addressee"),
    Reader.PRESS: lazy_gettext("The press"),
    Reader.ARCHIVE: lazy_gettext("Our archive"),
    Reader.PARTNER: lazy_gettext("A partner"),
}
STATES: dict[State, LazyString] = {
    State.WAITING: lazy_gettext("Waiting"),
    State.WORKING: lazy_gettext("Being made"),
    State.READY: lazy_gettext("Ready"),
    State.FAILED: lazy_gettext("Failed"),
    State.CANCELLED: lazy_gettext("Cancelled"),
    State.REMOVED: lazy_gettext("File removed"),
}
LOOKS = {State.READY: "good", State.FAILED: "bad", State.CANCELLED: "off", State.REMOVED: "off", State.WORKING: "warn"}
"""The class of a state's frame."""
STAGES: dict[str, LazyString] = {
    "": lazy_gettext("It begins"),
    "snapshot": lazy_gettext("Reading the signatures"),
    "preflight": lazy_gettext("Looking for fonts"),
    "text": lazy_gettext("Text and summary"),
    "summary": lazy_gettext("Text and summary"),
    "csv": lazy_gettext("CSV file"),
    "jsonl": lazy_gettext("JSON file"),
    "xlsx": lazy_gettext("Spreadsheet"),
    "book": lazy_gettext("Book"),
    "letter": lazy_gettext("Letter"),
    "manifest": lazy_gettext("Sealing the package"),
    "package": lazy_gettext("Sealing the package"),
}
SORTINGS: dict[Sorting, LazyString] = {
    Sorting.COUNTRY: lazy_gettext("By country, then by name"),
    Sorting.TIME: lazy_gettext("By time, the oldest first"),
}
PARTS: dict[Part, LazyString] = {
    Part.BOOK: lazy_gettext("The book (PDF)"),
    Part.XLSX: lazy_gettext("Spreadsheet (XLSX)"),
    Part.CSV: lazy_gettext("Table (CSV)"),
    Part.JSONL: lazy_gettext("Data for programs (JSON lines)"),
}
REFUSALS: dict[str, LazyString] = {
    "language": lazy_gettext("Please choose one of the declaration’s languages."),
    "showing": lazy_gettext("These names may not be shown to this reader."),
    "reader": lazy_gettext("This reader may not have mail addresses."),
    "reason": lazy_gettext("Please say why the addresses are needed."),
    "key": lazy_gettext("Please enter an age public key; it begins with age1."),
}
"""Why an order is refused, by ``OrderRefused.why``."""
