"""Staff imports a table in three steps: hand it in, say which column holds what and try, enter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale, lazy_pgettext
from flask_babel import lazy_gettext as _

from petition import aside
from petition.accounts import guarding, trail
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.declarations.models import Declaration
from petition.extensions import writing
from petition.paper import importing, rows, tables, uploads
from petition.paper.entries import SOURCE
from petition.paper.forms import ImportForm
from petition.paper.importing import Fate, Told
from petition.paper.rows import FIELDS, NEEDED, Draft, MappingRefused, Sheets

# One blueprint, whose pages lie in two modules.
from petition.paper.staff import views
from petition.paper.tables import Table
from petition.paper.workbooks import TableRefused
from petition.signatures.staff import get_declaration

__all__ = ["views"]

FATE_WORDS = {
    Fate.ENTERED: lazy_pgettext("row of a table", "Entered"),
    Fate.SAME_ADDRESS: _("Same email address"),
    Fate.SAME_NAME: _("Same name and country"),
    Fate.REFUSED: lazy_pgettext("row of a table", "Refused"),
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
    """Take the file, if it is a table, and go on to its columns. It is read here, once."""
    declaration = get_declaration(slug)
    file = request.files.get("file")
    content = file.stream.read(tables.MOST_BYTES + 1) if file else b""
    try:
        table = aside.compute(lambda: tables.read(content, limits=tables.HERE))
    except TableRefused as refusal:
        return _upload_page(declaration, refused=refusal.sentence), 422
    with writing():
        token = uploads.keep(declaration, table, owner=_owner())
    return redirect(url_for("paper_staff.columns", slug=slug, token=token), code=303)


@views.get("/import/<token>")
@staff(Duty.SIGNATURES)
def columns(slug: str, token: str) -> ResponseReturnValue:
    declaration = get_declaration(slug)
    table = uploads.find(declaration, token, owner=_owner())
    if table is None:
        return _gone(declaration)
    return _columns_page(declaration, token, table, _form(declaration, formdata=None), _guessed(table))


@views.post("/import/<token>")
@write_limit
@staff(Duty.SIGNATURES, writes=False)
def try_out(slug: str, token: str) -> ResponseReturnValue:
    """Tell what would become of each row; nothing is entered."""
    declaration = get_declaration(slug)
    chosen = _chosen(declaration, token)
    if not isinstance(chosen, Chosen):
        return chosen
    told = importing.foretell(declaration, chosen.drafts)
    return _report(declaration, told, token=token, form=chosen.form, mapping=chosen.mapping)


@views.post("/import/<token>/enter")
@write_limit
@staff(Duty.SIGNATURES, writes=False)
def enter_all(slug: str, token: str) -> ResponseReturnValue:
    """Enter what can be, all of it or nothing; the rows go with it. Only then is it told.

    All that needs no lock is done before the transaction that writes begins, because others wait for that.
    """
    declaration = get_declaration(slug)
    chosen = _chosen(declaration, token)
    if not isinstance(chosen, Chosen):
        return chosen
    with writing():
        # Removed first: of two who enter it at once, the second waits here, and then finds it gone.
        told = importing.enter(declaration, chosen.drafts) if uploads.remove(token) else None
        if told is not None:
            why = chosen.form.source.data or ""
            trail.record("signatures.imported", scope=declaration.id, why=why, rows=importing.counts(told))
    if told is None:
        return _gone(declaration)
    return _report(declaration, told)


@dataclass(frozen=True)
class Chosen:
    """A table with what was said of its columns, found to fit."""

    form: ImportForm
    mapping: dict[str, str]
    drafts: Sequence[Draft]


def _chosen(declaration: Declaration, token: str) -> Chosen | ResponseReturnValue:
    """Or the page that says what is wrong."""
    table = uploads.find(declaration, token, owner=_owner())
    if table is None:
        return _gone(declaration)
    form, mapping = _form(declaration), _mapping()
    if not form.validate():
        return _columns_page(declaration, token, table, form, mapping), 422
    sheets = Sheets(language=form.language.data, source=form.source.data or SOURCE, signed_on=form.day)
    try:
        return Chosen(form, mapping, rows.prepare(declaration, table, mapping, sheets))
    except MappingRefused as refusal:
        return _columns_page(declaration, token, table, form, mapping, refused=refusal.sentence), 422


def _owner() -> str:
    """No colleague opens a table by its name."""
    return guarding.current().public_id


def _gone(declaration: Declaration) -> ResponseReturnValue:
    return _upload_page(declaration, gone=True), 404


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
        needed=NEEDED,
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
