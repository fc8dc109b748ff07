"""The application as the web server loads it: once for all its workers, and prepared when it is the first."""

import gc
import os
import sys
import threading

from flask import Flask, current_app

from petition.application import create_app
from petition.extensions import db
from petition.server import preparing
from petition.server.bodies import WholeBodies
from petition.server.preparing import NotReady
from petition.server.supervising import PREPARES
from petition.settings import Settings, SettingsRefused

THREADS_END_WITHIN = 2.0
"""Seconds."""


def make_app() -> Flask:
    """The application of every web process. What is not ready ends the web server, with one clear line."""
    try:
        app = create_app()
        with app.app_context():
            _make_ready(os.environ.pop(PREPARES, None))
            _prepare_to_fork()
    except (SettingsRefused, NotReady) as refusal:
        sys.exit(f"Error: {refusal}")
    # What is here by now stays; the collector need not walk through it again and again.
    gc.freeze()
    gc.enable()
    app.wsgi_app = WholeBodies(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _make_ready(pipe: str | None) -> None:
    """Prepare what is missing for the supervisor who waits at this pipe; without one, look whether all is there."""
    if pipe is None:
        # Started again while the database is away, it answers 503 rather than not at all.
        preparing.check_if_reachable()
        return
    preparing.prepare()
    announcement = _announcement(_settings(current_app), preparing.invite_first())
    with open(int(pipe), "w") as supervisor:
        supervisor.write(announcement)


def _prepare_to_fork() -> None:
    """The web processes are forks of this one: they can share no connection, and no thread goes along."""
    for engine in db.engines.values():
        engine.dispose()
    # The limiter's memory has begun one, which is about to end.
    for thread in {*threading.enumerate()} - {threading.current_thread()}:
        thread.join(THREADS_END_WITHIN)
        assert not thread.is_alive(), f"the fork would lose {thread.name}"


def _announcement(settings: Settings, invitation: str | None) -> str:
    lines = [f"Open {settings.base_url}"]
    if invitation:
        lines.append(
            "Nobody has an account yet. Be the organiser (good once, until the next start): "
            f"{settings.base_url}{invitation}"
        )
    if not settings.mail_url:
        lines.append(f"Mails are written to {settings.instance_dir / 'mail'}")
    return "\n".join(lines)


def _settings(app: Flask) -> Settings:
    settings: Settings = app.extensions["petition.settings"]
    return settings
