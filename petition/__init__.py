"""Presents a declaration, collects confirmed signatures, hands them over."""

import pkgutil
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flask import Flask

    from petition.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Make the application. Without settings they are read from the environment; raises SettingsRefused.

    The rooms are loaded now: whoever imports one part does not load the others.
    """
    return cast("Flask", pkgutil.resolve_name("petition.application:create_app")(settings))
