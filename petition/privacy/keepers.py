"""Who keeps what of a person: each room registers how it hands that out, forgets it and purges it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from petition.disclosing import Disclosure

PURGE_BATCH = 500
"""A keeper that purged fewer rows than this has nothing left to purge; one that purged as many may have."""


@dataclass(frozen=True)
class Person:
    """A mailbox within one scope; both are opaque here."""

    scope: int
    mailbox: bytes


@dataclass(frozen=True)
class Keeper:
    """One room's part. ``forget`` returns the opaque ids of what was erased.

    ``purge`` takes a batch, so that it holds no lock for long, and returns how many rows went.
    """

    name: str
    access: Callable[[Person], Mapping[str, Any]]
    forget: Callable[[Person], list[str]]
    purge: Callable[[], int]
    forget_again: Callable[[str], bool] = lambda subject: False
    """Forgets once more what has this opaque id, because a backup was put back from before it was erased; whether
    there was anything to forget.
    """
    discloses: tuple[Disclosure, ...] = ()
    """How ``access`` hands out the rows of each table that it reads."""


def register(app: Flask, keeper: Keeper) -> None:
    app.extensions.setdefault("petition.keepers", []).append(keeper)


def all_keepers() -> list[Keeper]:
    keepers: list[Keeper] = current_app.extensions.get("petition.keepers", [])
    return keepers
