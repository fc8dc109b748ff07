"""Orders as they are checked, kept, and read again."""

from collections.abc import Mapping
from typing import Any

from petition.declarations.models import Declaration
from petition.deliveries import readers
from petition.deliveries.refusals import DeliveryRefused
from petition.signatures.models import Visibility
from petition.staging.orders import Order, Part, Reader, Showing, Sorting


class OrderRefused(DeliveryRefused):
    """This cannot be ordered. ``field`` is what would have to be another, ``why`` one of WHYS."""

    def __init__(self, field: str, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.why = why


def check(order: Order, declaration: Declaration, *, reason: str) -> None:
    """Refuse what a reader may not have, and what cannot be made. Raises OrderRefused."""
    unknown = [language for language in order.languages if language not in declaration.plan.languages]
    if unknown or not order.languages:
        known = ", ".join(declaration.plan.languages)
        raise OrderRefused("languages", "language", f"The languages of this declaration are: {known}.")
    may = readers.NAMES_AT_MOST[order.reader]
    for visibility in Visibility:
        if order.shows.get(visibility) is Showing.NAME and visibility not in may:
            sentence = f"The names of “{visibility}” signatures are not shown to this reader ({order.reader})."
            raise OrderRefused("shows", "showing", sentence)
    if order.with_addresses and order.reader not in readers.MAY_HAVE_ADDRESSES:
        allowed = ", ".join(sorted(readers.MAY_HAVE_ADDRESSES))
        raise OrderRefused("with_addresses", "reader", f"Mail addresses may be given to: {allowed}; to nobody else.")
    if order.with_addresses and not reason.strip():
        raise OrderRefused("reason", "reason", "Mail addresses need a reason.")
    if order.age_key is not None and not readers.is_age_key(order.age_key):
        raise OrderRefused("age_key", "key", "This is no age public key; one begins with age1.")


def to_json(order: Order) -> dict[str, Any]:
    return {
        "slug": order.slug,
        "reader": order.reader.value,
        "languages": list(order.languages),
        "sorting": order.sorting.value,
        "shows": {visibility: showing.value for visibility, showing in sorted(order.shows.items())},
        "parts": sorted(part.value for part in order.parts),
        "with_addresses": order.with_addresses,
        "accessible": order.accessible,
        "boxes": order.boxes,
        "age_key": order.age_key,
    }


def from_json(stored: Mapping[str, Any]) -> Order:
    return Order(
        **{
            **stored,
            "reader": Reader(stored["reader"]),
            "languages": tuple(stored["languages"]),
            "sorting": Sorting(stored["sorting"]),
            "shows": {visibility: Showing(showing) for visibility, showing in stored["shows"].items()},
            "parts": frozenset(Part(part) for part in stored["parts"]),
        }
    )
