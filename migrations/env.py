"""Migrations run inside the application, in one transaction, by one process at a time."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from petition.extensions import Base

LOCK = 7_305_112_026


def run() -> None:
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        context.configure(
            connection=connection.execution_options(writing=True),
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # A long step is no runaway query, and whoever waits for another's steps must wait to their end.
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                # Several servers may start at once.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()


run()
