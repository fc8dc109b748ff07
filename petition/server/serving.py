"""``petition serve``: listen, and stand above the web server and the worker, which load the rooms."""

import os

import click

from petition.server import supervising
from petition.server.supervising import Supervisor


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes. Default: 1; with Redis 2.")
def serve(host: str, port: int, workers: int | None) -> None:
    """Prepare what is missing, then run web server and worker together until stopped."""
    try:
        listener = supervising.listen(host, port)
        Supervisor(listener, web_workers=workers or _default_workers()).run(announce=click.echo)
    except (supervising.PortTaken, supervising.GaveUp) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except supervising.Refused as refusal:
        # The web server has said why.
        raise click.exceptions.Exit(1) from refusal


def _default_workers() -> int:
    # Limits kept in memory are each process's own: with one process they are exact.
    return 2 if os.environ.get("PETITION_REDIS_URL") else 1
