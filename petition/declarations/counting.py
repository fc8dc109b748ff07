"""How many signed which version of a text: counted by the room that holds the signatures."""

from collections.abc import Callable, Collection

from flask import Flask, current_app

Counting = Callable[[Collection[int]], dict[int, int]]
"""Takes ids of texts; gives the number that counts under each, leaving out those under which none does."""

_KEY = "petition.text_countings"


def register(app: Flask, counting: Counting) -> None:
    app.extensions.setdefault(_KEY, []).append(counting)


def count(text_ids: Collection[int]) -> dict[int, int]:
    """The number of counted signatures under each of these texts."""
    found = dict.fromkeys(text_ids, 0)
    for counting in current_app.extensions.get(_KEY, []):
        for text_id, number in counting(text_ids).items():
            found[text_id] += number
    return found
