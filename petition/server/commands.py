"""``petition serve`` and ``petition settings``."""

import re

import click
from flask import Blueprint, current_app

from petition.server.serving import serve
from petition.settings import PREFIX, Settings, public_fields

commands = Blueprint("server", __name__, cli_group=None)


commands.cli.add_command(serve)


@commands.cli.command("settings")
def settings() -> None:
    """Every setting: its value, where it came from, what it is for."""
    settings: Settings = current_app.extensions["petition.settings"]
    for setting in public_fields():
        value = getattr(settings, setting.name)
        shown = "(kept secret)" if setting.metadata.get("secret") else _without_password(_written(value))
        click.echo(f"{PREFIX}{setting.name.upper()} = {shown}")
        click.echo(f"    from {settings.sources[setting.name]}. {setting.metadata['help']}")


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{network.name}={network.range}@{network.limits}" for network in value)
    return str(value)


def _without_password(value: str) -> str:
    """URLs of databases and mail servers may carry a password, before the host or among the options."""
    value = re.sub(r"([?&][^=&]*password=)[^&]*", r"\1…", value)
    scheme, separator, rest = value.partition("://")
    if not separator or "@" not in rest:
        return value
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:…@{place}"
