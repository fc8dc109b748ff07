"""What a delivery holds: its columns, each as SQL, and its rows in their order."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, String, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from petition import countries
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db
from petition.signatures.models import Signature, Visibility
from petition.tables.cells import GUARD, begins_like_formula

Sql = Callable[[str], SQLColumnExpression[Any]]
"""Makes a column's text from the language of the delivery."""


@dataclass(frozen=True)
class Column:
    name: str
    help: str
    sql: Sql
    stated: bool = False
    """Whether the signatory wrote it: *counted* signatures give nothing of it."""
    fixed: bool = False
    """Whether we choose what it holds, none of which needs a guard."""
    encrypted: bool = False
    """Whether only Python can read it; such a delivery is not made by COPY."""


class ColumnsRefused(ValueError):
    """The columns asked for are not all there."""


def _looked_up(names: Mapping[str, str], key: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """The name that stands for a key; as one constant, because a join would cost the rows their order."""
    text_key = cast(key, String)
    constant = literal(json.dumps(names, ensure_ascii=False), String)
    name: SQLColumnExpression[Any]
    if db.engine.dialect.name == "sqlite":
        name = func.json_extract(constant, literal('$."') + text_key + literal('"'))
    else:
        name = cast(constant, JSONB).op("->>")(text_key)
    return func.coalesce(name, text_key)


def _country_name(language: str) -> SQLColumnExpression[Any]:
    return _looked_up(countries.names(language), Signature.country)


def _text_sha256(_language: str) -> SQLColumnExpression[Any]:
    texts = db.session.execute(select(DeclarationText.id, DeclarationText.sha256))
    return _looked_up({str(id): sha256 for id, sha256 in texts}, Signature.text_id)


def _utc(moment: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    if db.engine.dialect.name == "sqlite":
        return func.strftime("%Y-%m-%dT%H:%M:%SZ", moment)
    return func.to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')


COLUMNS = {
    each.name: each
    for each in (
        Column("id", "A random id, the same in every delivery.", lambda _: Signature.public_id),
        Column("name", "The name; empty for those who only count.", lambda _: Signature.name, stated=True),
        Column("affiliation", "What they belong to.", lambda _: Signature.affiliation, stated=True),
        Column("role", "What they do there.", lambda _: Signature.role, stated=True),
        Column("sector", "The code of their sector.", lambda _: Signature.sector, stated=True),
        Column("comment", "Their own words.", lambda _: Signature.comment, stated=True),
        Column("country", "The country's name, spelled out.", _country_name, fixed=True),
        Column("country_code", "ISO 3166-1 alpha-2.", lambda _: Signature.country, fixed=True),
        Column("visibility", "public, addressee or counted.", lambda _: Signature.visibility, fixed=True),
        Column("language", "In which language they signed.", lambda _: Signature.language, fixed=True),
        Column("channel", "How the signature came in.", lambda _: Signature.channel, fixed=True),
        Column("source", "Through which source.", lambda _: Signature.source),
        Column("text_sha256", "Which exact text they signed.", _text_sha256, fixed=True),
        Column("confirmed_at", "When they confirmed, in UTC.", lambda _: _utc(Signature.confirmed_at), fixed=True),
        Column("email", "The mail address.", lambda _: Signature.address, encrypted=True),
    )
}
DEFAULT_COLUMNS = ("name", "affiliation", "role", "country", "visibility", "confirmed_at")
"""What an addressee needs; no mail address is in a delivery unless it is asked for."""


def find_columns(names: Sequence[str]) -> list[Column]:
    """The columns of these names, in this order. Raises ColumnsRefused."""
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise ColumnsRefused(f"There is no column {', '.join(unknown)}; there are {', '.join(COLUMNS)}.")
    if len(set(names)) < len(names):
        raise ColumnsRefused("A column is named twice.")
    return [COLUMNS[name] for name in names]


def rows(declaration: Declaration, columns: Sequence[Column], *, language: str, guarded: bool) -> Select[Any]:
    """The counted signatures, oldest first. ``guarded``: cells that begin like formulas are neutralised."""
    cells: list[Any] = [_cell(each, language, guarded=guarded).label(each.name) for each in columns]
    return (
        select(*cells)
        .select_from(Signature)
        .where(Signature.declaration_id == declaration.id, Signature.counted)
        .order_by(Signature.confirmed_at, Signature.public_id)
    )


def count(declaration: Declaration) -> int:
    query = select(func.count()).where(Signature.declaration_id == declaration.id, Signature.counted)
    return db.session.scalar(query) or 0


def _cell(wanted: Column, language: str, *, guarded: bool) -> SQLColumnExpression[Any]:
    cell = wanted.sql(language)
    if wanted.encrypted:
        # An address names a person even better than the name does.
        return case((Signature.visibility != Visibility.COUNTED, cell))
    cases: list[Any] = []
    if wanted.stated:
        cases.append((Signature.visibility == Visibility.COUNTED, literal("")))
    if guarded and not wanted.fixed:
        cases.append((begins_like_formula(cell), literal(GUARD) + cell))
    text = func.coalesce(cell, literal("")) if wanted.stated else cell
    return case(*cases, else_=text) if cases else text
