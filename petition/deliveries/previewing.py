"""Make previews: count, read the rows that the delivery would begin with, and set its first pages, or lines."""

import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from flask_babel import force_locale
from sqlalchemy import func, select, update

from petition import clock, countries, logs, outages
from petition.books import first_pages
from petition.books.book import BookRefused
from petition.deliveries import exporting, ordering, places, previews, snapshot
from petition.deliveries.collating import sort_key
from petition.deliveries.leasing import ASK_EVERY
from petition.deliveries.preview_models import WITHIN, DeliveryPreview, DeliveryPreviewPage
from petition.deliveries.refusals import MakingFailed
from petition.deliveries.snapshot import Sample
from petition.extensions import db, writing
from petition.signatures.models import Signature
from petition.staging.orders import Order, Part, Showing, Sorting
from petition.staging.staging import Staging
from petition.tables import columns

ROWS = 400
"""Enough for a few pages of names."""
LINES = 10


@dataclass(frozen=True)
class Numbers:
    """What counts now."""

    by_country: Counter[str]
    by_visibility: Counter[str]

    def shown(self, order: Order) -> int:
        return sum(self.by_visibility[each] for each, showing in order.shows.items() if showing is Showing.NAME)


@dataclass(frozen=True)
class Shown:
    """What stands in a preview below the counts: pictures of pages, or lines of a table."""

    pages: tuple[bytes, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


def make_next() -> bool:
    """Make one that waits, and commit; False when there is none. After an outage it is there to be begun anew."""
    preview = previews.claim_next()
    if preview is None:
        return False
    preview_id = preview.id
    try:
        _make(preview)
    except outages.TROUBLE as problem:
        outages.forget_transaction()
        if not outages.passes(problem):
            raise
        logs.get().warning("preview given back after an outage", cause=outages.cause(problem))
        _give_back(preview_id)
    return True


def _make(preview: DeliveryPreview) -> None:
    preview_id, declaration_id = preview.id, preview.declaration_id
    # Nobody reads an address off a screen without proving who they are.
    order = replace(ordering.from_json(preview.stored_order), with_addresses=False)
    folder = places.root() / preview.public_id
    db.session.rollback()
    numbers, shown, failure = Numbers(Counter(), Counter()), Shown(), ""
    try:
        numbers = _count(declaration_id)
        folder.mkdir(mode=0o700, parents=True)
        shown = _show(order, numbers, folder)
    except (MakingFailed, BookRefused) as problem:
        failure = str(problem)
    except Exception as problem:
        if outages.passes(problem):
            raise
        outages.forget_transaction()
        logs.get().error("preview not made", problem=type(problem).__name__, exc_info=problem)
        failure = f"The preview could not be made ({type(problem).__name__})."
    finally:
        places.remove(folder)
    _keep(preview_id, numbers, shown, failure)


def _give_back(preview_id: int) -> None:
    """As soon as the database answers again; the claim of whoever waits too long runs out by itself."""
    given_up = clock.now() + WITHIN
    while True:
        try:
            return previews.give_back(preview_id)
        except outages.TROUBLE:
            outages.forget_transaction()
            if clock.now() >= given_up:
                raise
            threading.Event().wait(ASK_EVERY)


def _count(declaration_id: int) -> Numbers:
    exporting.begin_snapshot()
    mine = Signature.declaration_id == declaration_id, Signature.counted
    which = Signature.country, Signature.visibility
    numbers = Numbers(Counter(), Counter())
    for country, visibility, count in db.session.execute(select(*which, func.count()).where(*mine).group_by(*which)):
        numbers.by_country[country] += count
        numbers.by_visibility[visibility] += count
    db.session.rollback()
    return numbers


def _show(order: Order, numbers: Numbers, folder: Path) -> Shown:
    """Raises MakingFailed and BookRefused."""
    if not order.parts:
        return Shown()
    snapshot.fill(order, folder / places.STAGING, sample=_sample(order, numbers))
    with closing(Staging(folder / places.STAGING)) as staging:
        if Part.BOOK not in order.parts:
            return Shown(lines=tuple(_lines(staging, order)))
        # Of few rows, but with the numbers of all.
        staging.facts = replace(
            staging.facts,
            count=numbers.by_country.total(),
            shown=numbers.shown(order),
            by_country=dict(numbers.by_country),
        )
        return Shown(pages=tuple(page.read_bytes() for page in first_pages.make(staging, order, folder)))


def _sample(order: Order, numbers: Numbers) -> Sample:
    """The rows that come first: the oldest, or those of as many countries as fill the pages, in their order."""
    if order.sorting is Sorting.TIME:
        return Sample(ROWS)
    language, left, first = order.languages[0], ROWS, []
    for country in sorted(numbers.by_country, key=lambda code: sort_key(countries.name(code, language))):
        first.append(country)
        left -= numbers.by_country[country]
        if left <= 0:
            break
    return Sample(ROWS, tuple(first))


def _lines(staging: Staging, order: Order) -> list[tuple[str, ...]]:
    with force_locale(order.languages[0]):
        head = tuple(str(columns.COLUMNS[name]) for name in columns.names(order))
    return [head, *(tuple(map(str, cells)) for cells in islice(columns.rows(staging, order), LINES))]


def _keep(preview_id: int, numbers: Numbers, shown: Shown, failure: str) -> None:
    values = {
        "made_at": clock.now(),
        "failure": failure,
        "counts": dict(numbers.by_visibility),
        "lines": [list(line) for line in shown.lines],
    }
    with writing():
        query = update(DeliveryPreview).where(DeliveryPreview.id == preview_id).values(values)
        # It may have been removed meanwhile, because somebody was erased.
        if db.session.execute(query.returning(DeliveryPreview.id)).first():
            db.session.add_all(
                DeliveryPreviewPage(preview_id=preview_id, place=place, png=png)
                for place, png in enumerate(shown.pages, 1)
            )
