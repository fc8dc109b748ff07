"""Staff imports a table in three steps: hand it in, say which column holds what and try, enter."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.paper import importing, tables, uploads
from petition.paper.entering import SOURCE
from petition.paper.forms import ImportForm
from petition.paper.importing import FIELDS, Draft, Fate, MappingRefused, Sheets, Told

# One blueprint, whose pages lie in two modules.
from petition.paper.staff import views
from petition.paper.tables import Table, TableRefused
from petition.signatures.staff import get_declaration

__all__ = ["views"]

MOST_ROWS = 2_000
"""On SQLite nobody can sign while rows are entered, so it must not take long; the command takes more."""
FATE_WORDS = {
    Fate.ENTERED: _("Entered"),
    Fate.SAME_ADDRESS: _("Same email address"),
    Fate.SAME_NAME: _("Same name and country"),
    Fate.REFUSED: _("Refused"),
}
PREVIEWED = 5
MOST_TOLD = 500


@views.get("/import")
@staff(Duty.SIGNATURES)
def upload(slug: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    return _upload_page(declaration)


@views.post("/import")
@write_limit
@staff(Duty.SIGNATURES, writes=False)
def hand_in(slug: str) -> ResponseReturnValue:
    """Take the file, if it is a table, and go on to its columns."""
    declaration = get_declaration(slug)
    file = request.files.get("file")
    try:
        content = file.stream.read(tables.MOST_BYTES + 1) if file else b""
        _fitting(tables.read(content))
    except TableRefused as refusal:
        return _upload_page(declaration, refused=refusal.sentence), 422
    token = uploads.keep(content, owner=_owner(declaration))
    return redirect(url_for("paper_staff.columns", slug=slug, token=token), code=303)


@views.get("/import/<token>")
@staff(Duty.SIGNATURES)
def columns(slug: str, token: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    table = _table(declaration, token)
    if table is None:
        return _gone(declaration)
    return _columns_page(declaration, token, table, _form(declaration, formdata=None), _guessed(table))


@views.post("/import/<token>")
@write_limit
@staff(Duty.SIGNATURES)
def try_out(slug: str, token: str) -> ResponseReturnValue:
    """Tell what would become of each row; nothing is entered."""
    declaration = get_declaration(slug)
    table = _table(declaration, token)
    if table is None:
        return _gone(declaration)
    form, mapping = _form(declaration), _mapping()
    try:
        drafts = _drafts(declaration, table, mapping, form)
    except MappingRefused as refusal:
        page = _columns_page(declaration, token, table, form, mapping, refused=refusal.sentence)
        return page, 422
    if drafts is None:
        return _columns_page(declaration, token, table, form, mapping), 422
    told = importing.enter(declaration, drafts)
    db.session.rollback()
    declaration = get_declaration(slug)
    return _report(declaration, told, token=token, form=form, mapping=mapping)


@views.post("/import/<token>/enter")
@write_limit
@staff(Duty.SIGNATURES)
def enter_all(slug: str, token: str) -> ResponseReturnValue:
    """Enter what can be, all of it or nothing; the file goes with it."""
    declaration = get_declaration(slug)
    table = _table(declaration, token)
    if table is None:
        return _gone(declaration)
    form, mapping = _form(declaration), _mapping()
    try:
        drafts = _drafts(declaration, table, mapping, form)
    except MappingRefused as refusal:
        return _columns_page(declaration, token, table, form, mapping, refused=refusal.sentence), 422
    if drafts is None:
        return _columns_page(declaration, token, table, form, mapping), 422
    told = importing.enter(declaration, drafts)
    why = form.source.data or ""
    trail.record("signatures.imported", scope=declaration.id, why=why, rows=importing.counts(told))
    db.session.commit()
    uploads.remove(token, owner=_owner(declaration))
    return _report(declaration, told)


def _owner(declaration: Declaration) -> str:
    """Neither another declaration's staff nor a colleague opens a file by its name."""
    return f"{declaration.id}.{guarding.current().public_id}"


def _table(declaration: Declaration, token: str) -> Table | None:
    content = uploads.find(token, owner=_owner(declaration))
    return None if content is None else tables.read(content)


def _gone(declaration: Declaration) -> ResponseReturnValue:
    return _upload_page(declaration, gone=True), 404


def _fitting(table: Table) -> None:
    if len(table.rows) > MOST_ROWS:
        raise TableRefused(tables.TOO_LONG_HERE)


def _form(declaration: Declaration, **values: Any) -> ImportForm:
    return ImportForm.make(declaration.plan, **values)


def _mapping() -> dict[str, str]:
    chosen = {field: request.form.get(f"column-{field}", "") for field in FIELDS}
    return {field: column for field, column in chosen.items() if column}


def _guessed(table: Table) -> dict[str, str]:
    """Columns that are called as the fields are, in English or in the language of the page."""
    known = {str(words).casefold(): field for field, words in FIELDS.items()} | {field: field for field in FIELDS}
    found = {known[column.casefold()]: column for column in reversed(table.header) if column.casefold() in known}
    return {field: column for field, column in found.items() if table.header.count(column) == 1}


def _drafts(declaration: Declaration, table: Table, mapping: dict[str, str], form: ImportForm) -> list[Draft] | None:
    """None where the form says what is wrong. Raises MappingRefused."""
    if not form.validate():
        return None
    sheets = Sheets(language=form.language.data, source=form.source.data or SOURCE, signed_on=form.day)
    return importing.prepare(declaration, table, mapping, sheets)


def _upload_page(declaration: Declaration, *, refused: LazyString | None = None, gone: bool = False) -> str:
    return render_template("paper/upload.html", declaration=declaration, refused=refused, gone=gone)


def _columns_page(
    declaration: Declaration,
    token: str,
    table: Table,
    form: ImportForm,
    mapping: dict[str, str],
    *,
    refused: LazyString | None = None,
) -> str:
    return render_template(
        "paper/columns.html",
        declaration=declaration,
        token=token,
        header=table.header,
        preview=[cells for _number, cells in table.rows[:PREVIEWED]],
        count=len(table.rows),
        fields=FIELDS,
        needed=importing.NEEDED,
        form=form,
        mapping=mapping,
        refused=refused,
    )


def _report(declaration: Declaration, told: Sequence[Told], **dry: Any) -> str:
    others = [each for each in told if each.fate is not Fate.ENTERED]
    return render_template(
        "paper/imported.html",
        declaration=declaration,
        counts=importing.counts(told),
        others=others[:MOST_TOLD],
        more=len(others) > MOST_TOLD,
        fate_words=FATE_WORDS,
        language=str(get_locale()),
        **{"token": None, "form": None, "mapping": {}, **dry},
    )
