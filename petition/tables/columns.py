"""What every table of a delivery says of a signature: the same columns in CSV, JSON and XLSX, whatever was asked."""

from collections.abc import Callable, Iterator

from flask_babel import LazyString, lazy_gettext, lazy_pgettext

from petition import countries
from petition.staging.orders import Order
from petition.staging.staging import StagedRow, Staging

Cells = tuple[int | str, ...]
Progress = Callable[[int, int], None]
"""Takes the rows written and the rows in all."""

TELL_EVERY = 5_000

COLUMNS: dict[str, LazyString] = {
    "number": lazy_pgettext("of a row", "Number"),
    "id": lazy_gettext("ID"),
    "name": lazy_gettext("Name"),
    "affiliation": lazy_gettext("Affiliation"),
    "role": lazy_gettext("Role"),
    "sector": lazy_gettext("Sector"),
    "comment": lazy_gettext("Comment"),
    "country": lazy_gettext("Country"),
    "country_code": lazy_gettext("Country code"),
    "visibility": lazy_gettext("Visibility"),
    "language": lazy_gettext("Language"),
    "channel": lazy_gettext("Channel"),
    "source": lazy_gettext("Source"),
    "text_sha256": lazy_gettext("SHA-256 of the signed text"),
    "confirmed_at": lazy_gettext("Confirmed (UTC)"),
    "email": lazy_gettext("Mail address"),
}
"""Their names for programs, and for people. They are fixed: a program that reads one delivery reads the next."""

_BEFORE_COUNTRY = StagedRow._fields.index("country_code")
_EMAIL = StagedRow._fields.index("email")


def names(order: Order) -> list[str]:
    """Mail addresses have a column only where they were ordered."""
    return [name for name in COLUMNS if order.with_addresses or name != "email"]


def rows(staging: Staging, order: Order, progress: Progress | None = None) -> Iterator[Cells]:
    """The cells of each row; countries are spelled out in the order's first language."""
    country_names = countries.names(order.languages[0])
    end = _EMAIL + order.with_addresses
    done, total = 0, staging.facts.count
    for done, row in enumerate(staging.rows(), 1):
        code = row.country_code
        yield (*row[:_BEFORE_COUNTRY], country_names.get(code, code), *row[_BEFORE_COUNTRY:end])
        if progress and done % TELL_EVERY == 0:
            progress(done, total)
    if progress:
        progress(done, total)
