"""Before the first request: the schema is this version's, the keys are this database's, a text is there."""

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from petition import links, logs
from petition.accounts import inviting
from petition.declarations import folders, publishing, reading
from petition.extensions import db, writing
from petition.privacy import key_check
from petition.privacy.key_check import WrongKeys


class NotReady(click.ClickException):
    """The application cannot start; the message is one clear line, also when a command ends with it."""


class Unreachable(NotReady):
    """The database does not answer now; later it may."""


def prepare() -> None:
    """Migrate, check the keys, and load the sample declaration where there is none. Raises NotReady."""
    try:
        _refuse_damaged()
        if _revision() != _head():
            upgrade()
        check()
        if not reading.all_declarations():
            with writing():
                publishing.publish(folders.read(folders.SAMPLE))
    except DBAPIError as problem:
        raise NotReady(f"The database cannot be used: {_first_line(problem.orig)}.") from problem


def invite_first() -> str | None:
    """The path of an invitation for the first organiser, while nobody has an account."""
    with writing():
        token = inviting.invite_first()
    if token is None:
        return None
    return links.external("accounts.invitation", token=token).removeprefix(links.external("pages.home").rstrip("/"))


def check() -> None:
    """Refuse a schema that is not this version's, commits that are not durable, and another database's keys.

    Raises NotReady, and Unreachable where nothing can be said yet.
    """
    try:
        if _revision() != _head():
            raise NotReady(
                "The database is from an older version; start “petition serve”, or run “petition db upgrade”."
            )
        _refuse_undurable()
        with writing():
            key_check.check()
    except WrongKeys as problem:
        raise NotReady(str(problem)) from problem
    except (OperationalError, InterfaceError) as problem:
        raise Unreachable(f"The database cannot be used: {_first_line(problem.orig)}.") from problem
    except DBAPIError as problem:
        raise NotReady(f"The database cannot be used: {_first_line(problem.orig)}.") from problem


def check_if_reachable() -> None:
    """The same for a process that would rather start while the database is away, and wait for it.

    Raises NotReady.
    """
    try:
        check()
    except Unreachable as problem:
        logs.get().warning("database not checked", problem=type(problem.__cause__).__name__)


def _refuse_damaged() -> None:
    if db.engine.dialect.name != "sqlite":
        return
    found = db.session.scalar(text("PRAGMA quick_check(1)"))
    db.session.rollback()
    if found != "ok":
        raise NotReady("The database is damaged; put back a copy of it.")


def _refuse_undurable() -> None:
    """Signatures are acknowledged when their commit returns, so it must not return before they are safe."""
    if db.engine.dialect.name != "postgresql":
        return
    found = db.session.scalar(text("SHOW synchronous_commit"))
    db.session.rollback()
    if found in ("off", "local"):
        raise NotReady(f"PostgreSQL's synchronous_commit is “{found}”, so signatures could be lost; set it to “on”.")


def _revision() -> str | None:
    """The revision that the database is at, or None while it is empty. Raises NotReady for one unknown here."""
    with db.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise NotReady("The database is from a newer version of this program; install that version.")
    return revision


def _head() -> str | None:
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(current_app.extensions["migrate"].directory)


def _first_line(problem: BaseException | None) -> str:
    return str(problem).strip().partition("\n")[0].rstrip(".")
