"""What grants are about: opaque numbers here, which a higher room finds by a slug and calls by a name."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app


@dataclass(frozen=True)
class Scopes:
    find: Callable[[str], int | None]
    """The scope of a slug."""
    name: Callable[[int], str]
    """What people call it, in the language of the page."""
    slugs: Callable[[], list[str]]
    """Every slug there is."""
    slug: Callable[[int], str]


@dataclass(frozen=True)
class More:
    """Scopes below zero, which are another room's, and whose slugs begin with a prefix."""

    prefix: str
    find: Callable[[str], int | None]
    name: Callable[[int], str]
    slug: Callable[[int], str]


def register(
    app: Flask,
    *,
    find: Callable[[str], int | None],
    name: Callable[[int], str],
    slugs: Callable[[], list[str]],
    slug: Callable[[int], str],
) -> None:
    app.extensions["petition.scopes"] = Scopes(find, name, slugs, slug)


def register_more(
    app: Flask,
    *,
    prefix: str,
    find: Callable[[str], int | None],
    name: Callable[[int], str],
    slug: Callable[[int], str],
) -> None:
    app.extensions["petition.more_scopes"] = More(prefix, find, name, slug)


def find(slug: str) -> int | None:
    return (_more() if slug.startswith(_more().prefix) else _known()).find(slug)


def name(scope: int) -> str:
    return (_more() if scope < 0 else _known()).name(scope)


def slug(scope: int) -> str:
    return (_more() if scope < 0 else _known()).slug(scope)


def slugs() -> list[str]:
    return _known().slugs()


def _more() -> More:
    more: More = current_app.extensions["petition.more_scopes"]
    return more


def _known() -> Scopes:
    known: Scopes = current_app.extensions["petition.scopes"]
    return known
