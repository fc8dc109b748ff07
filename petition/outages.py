"""Whether the database was only away, busy or full: then the same may succeed later, and a session gets over it."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition.extensions import db

TROUBLE = (DBAPIError, PoolTimeout)
"""What a database that does not do its work raises; ``passes`` tells an outage among it from a fault of ours."""
PASSING_SQLSTATES = ("25006", "40", "53", "57", "58")
"""PostgreSQL's errors: only reading for now (a standby that took over), and the classes of a transaction that
lost against another, too few resources, an operator at work, trouble of the system."""


def passes(problem: BaseException) -> bool:
    """Whether the same work may succeed later, unchanged."""
    if not isinstance(problem, DBAPIError):
        return isinstance(problem, PoolTimeout)
    if problem.connection_invalidated or isinstance(problem, OperationalError | InterfaceError):
        return True
    return str(getattr(problem.orig, "sqlstate", None)).startswith(PASSING_SQLSTATES)


def cause(problem: BaseException) -> str:
    """The driver's class of error. Never its message: that may quote the row."""
    return type(getattr(problem, "orig", None) or problem).__name__


def forget_transaction() -> None:
    """Have the session begin anew, whatever has become of its connection."""
    try:
        db.session.rollback()
    except DBAPIError:
        # The connection is gone; there is nothing left to roll back.
        db.session().invalidate()
