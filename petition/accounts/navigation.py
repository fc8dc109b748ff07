"""The ways through the console: each room names its pages, and who sees them depends on their duties."""

from dataclasses import dataclass, field

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString

from petition.accounts import present
from petition.accounts.duties import Duty


@dataclass(frozen=True)
class Item:
    """A page that has a tab: of a declaration, or of the console."""

    endpoint: str
    label: LazyString
    duty: Duty
    place: int = field(kw_only=True)
    """Tabs stand in the order of their places, whichever room moved in first."""
    scoped: bool = False
    everywhere: bool = False
    """Only for those whose duty is on every declaration."""


@dataclass(frozen=True)
class Tab:
    """An item as a page shows it."""

    href: str
    label: LazyString
    current: bool


def register(app: Flask, *items: Item) -> None:
    app.extensions.setdefault("petition.navigation", []).extend(items)


def tabs(slug: str | None = None) -> list[Tab]:
    """The console's tabs that the account in hand may open; with a slug, those of its declaration."""
    items: list[Item] = current_app.extensions.get("petition.navigation", [])
    scope = present.scope() if slug else None
    open_to_them = [item for item in items if item.scoped is (slug is not None) and _may(item, scope)]
    shown = sorted(open_to_them, key=lambda item: item.place)
    hrefs = [url_for(item.endpoint, slug=slug) for item in shown]
    # A page below a tab's belongs to it; the longest wins, because every page is below the first.
    below = [href for href in hrefs if f"{request.path}/".startswith(href.rstrip("/") + "/")]
    here = max(below, key=len, default=None)
    return [Tab(href, item.label, href == here) for item, href in zip(shown, hrefs, strict=True)]


def _may(item: Item, scope: int | None) -> bool:
    return present.scopes(item.duty) is None if item.everywhere else present.may(item.duty, scope)
