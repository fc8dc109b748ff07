"""Who agreed to updates: their addresses, with the words, the language and the time of each one's consent, as CSV."""

from collections.abc import Iterator

from petition.declarations.models import Declaration
from petition.deliveries import agreed
from petition.deliveries.agreed import Agreed
from petition.signatures.caring import UPDATES
from petition.signatures.models import Consent
from petition.tables.cells import BOM, neutralise
from petition.tables.lines import csv_line

COLUMNS = tuple(name for name in Agreed._fields if name != "source")


def lines(declaration: Declaration) -> Iterator[str]:
    """The file, line by line, the header first."""
    yield BOM + csv_line(COLUMNS)
    for row in agreed.rows(declaration, Consent.purpose == UPDATES):
        # Our own ids are guarded too: they are random, and may begin with a hyphen.
        yield csv_line([neutralise(getattr(row, name)) for name in COLUMNS])
