"""``petition serve`` and ``petition settings``."""

import re

import click
from flask import Blueprint, current_app

from petition.server import preparing, supervising
from petition.server.supervising import Supervisor
from petition.settings import PREFIX, Settings, public_fields

commands = Blueprint("server", __name__, cli_group=None)


@commands.cli.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes. Default: 1; with Redis 2.")
def serve(host: str, port: int, workers: int | None) -> None:
    """Prepare what is missing, then run web server and worker together until stopped."""
    settings: Settings = current_app.extensions["petition.settings"]
    try:
        listener = supervising.listen(host, port)
        preparing.prepare()
        invitation = preparing.invite_first()
    except (supervising.PortTaken, preparing.NotReady) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    base_url = _base_url(settings, listener.getsockname()[1])
    supervisor = Supervisor(listener, web_workers=workers or _default_workers(settings), base_url=base_url)
    supervisor.start()
    try:
        supervisor.watch(announce=lambda: _announce(settings, base_url, invitation))
    except supervising.GaveUp as refusal:
        raise click.ClickException(str(refusal)) from refusal


@commands.cli.command("settings")
def settings() -> None:
    """Every setting: its value, where it came from, what it is for."""
    settings: Settings = current_app.extensions["petition.settings"]
    for setting in public_fields():
        value = getattr(settings, setting.name)
        shown = "(kept secret)" if setting.metadata.get("secret") else _without_password(_written(value))
        click.echo(f"{PREFIX}{setting.name.upper()} = {shown}")
        click.echo(f"    from {settings.sources[setting.name]}. {setting.metadata['help']}")


def _announce(settings: Settings, base_url: str, invitation: str | None) -> None:
    click.echo(f"Open {base_url}")
    if invitation:
        click.echo(
            f"Nobody has an account yet. Be the organiser (good once, until the next start): {base_url}{invitation}"
        )
    if not settings.mail_url:
        click.echo(f"Mails are written to {settings.instance_dir / 'mail'}")


def _base_url(settings: Settings, port: int) -> str:
    """The configured base URL; where nobody configured one, this machine's name for itself."""
    if settings.sources["base_url"] != "default":
        return settings.base_url
    return f"http://localhost:{port}"


def _default_workers(settings: Settings) -> int:
    # Limits kept in memory are each process's own: with one process they are exact.
    return 2 if settings.redis_url else 1


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
