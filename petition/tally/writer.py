"""One writer at a time: the right to change the tally, held until the transaction ends."""

from sqlalchemy import text

from petition.extensions import begin_writing, db

_LOCK = 7_305_112_025
"""A number that nothing else in this database locks."""


def become() -> bool:
    """Try to be the tally's writer for this transaction, which must not have begun yet.

    PostgreSQL: an advisory lock, False while another holds it. SQLite: its write lock, waited for.
    """
    begin_writing()
    return take_lock()


def take_lock() -> bool:
    """The same inside a writing transaction that has begun."""
    if db.engine.dialect.name == "sqlite":
        return True
    return bool(db.session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}))
