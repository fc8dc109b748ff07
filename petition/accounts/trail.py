"""The audit trail: what staff did, and why."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app
from flask_babel import LazyString

from petition import logs


def register(app: Flask, acts: Mapping[str, LazyString]) -> None:
    """The acts of a room, and what people call them."""
    known: dict[str, LazyString] = app.extensions.setdefault("petition.acts", {})
    known.update(acts)


def record(act: str, *, scope: int | None = None, subject: str = "", why: str = "", **detail: Any) -> None:
    """Enter what was done. It stands if the caller commits."""
    assert act in current_app.extensions.get("petition.acts", {}), f"nobody registered the act {act}"
    logs.get().info("staff act", act=act, scope=scope, subject=subject)
