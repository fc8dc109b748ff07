"""What else is done with a declaration than opening and closing it: higher rooms register where that is done."""

from dataclasses import dataclass

from flask import Flask, current_app
from flask_babel import LazyString

from petition.accounts.duties import Duty


@dataclass(frozen=True)
class Deed:
    """A page of another room, offered on the page of the state to whoever has its duty there."""

    endpoint: str
    label: LazyString
    words: LazyString
    duty: Duty


def register(app: Flask, deed: Deed) -> None:
    app.extensions.setdefault("petition.further_deeds", []).append(deed)


def deeds() -> list[Deed]:
    known: list[Deed] = current_app.extensions.get("petition.further_deeds", [])
    return known
