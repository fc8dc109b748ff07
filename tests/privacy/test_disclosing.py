"""The download lacks nothing: it is made of the tables' columns, and what it leaves out is named with its reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from petition import clock
from petition.disclosing import Disclosure
from petition.endorsements import disclosures as endorsements
from petition.endorsements.models import EndorsementBlock
from petition.extensions import Base, db
from petition.outbox import sweeping
from petition.privacy.keepers import all_keepers
from petition.signatures import disclosures, moderating
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps as endorsing
from tests.signatures import steps

STATED = {
    "id", "name", "country", "affiliation", "role", "sector", "comment", "answers", "visibility", "language", "channel",
    "source", "partner", "created_at", "text_version", "text_sha256", "address", "network", "confirmed_at", "consents",
}  # fmt: skip
ENDORSED = {
    "id", "organisation", "country", "site", "person", "role", "language", "created_at", "text_version", "text_sha256",
    "address", "consents", "confirmed_at",
}  # fmt: skip
KEYS = {
    "signature": STATED
    | {
        "withdrawn_at", "invalidated_at", "reinstated_at", "held_at", "approved_at", "erased_at", "counted",
        "corrections", "decisions",
    },
    "submissions": STATED | {"mailed_at"},
    "consents": {"purpose", "wording", "language", "partner", "given_at", "withdrawn_at"},
    "corrections": {"field", "value", "corrected_at"},
    "decisions": {"verdict", "reason", "by", "decided_at"},
    "mailed_links": {"purpose", "created_at", "expires_at"},
    "mail_block": {"created_at"},
    "code_tries": {"tried_at"},
    "endorsement": ENDORSED | {"approved_at", "declined_at", "withdrawn_at", "erased_at", "counted", "decisions"},
    "endorsement_submissions": ENDORSED | {"mailed_at"},
    "endorsement_decisions": {"verdict", "reason", "decided_at"},
    "endorsement_links": {"purpose", "created_at", "expires_at"},
    "endorsement_block": {"created_at"},
    "mails": {
        "kind", "language", "created_at", "due_at", "attempts", "claimed_until", "composed_at", "sent_at", "dropped_at",
        "reason",
    },
}  # fmt: skip
"""What people and programs may rely on. A key that is added here is a column somebody thought about."""
SECTIONS = {
    "signature": disclosures.SIGNATURES,
    "submissions": disclosures.SUBMISSIONS,
    "consents": disclosures.CONSENTS,
    "corrections": disclosures.CORRECTIONS,
    "decisions": disclosures.DECISIONS,
    "mailed_links": disclosures.LINKS,
    "mail_block": disclosures.BLOCKS,
    "code_tries": disclosures.TRIES,
    "endorsement": endorsements.ENDORSEMENTS,
    "endorsement_submissions": endorsements.SUBMISSIONS,
    "endorsement_decisions": endorsements.DECISIONS,
    "endorsement_links": endorsements.LINKS,
    "endorsement_block": endorsements.BLOCKS,
    "mails": sweeping.MAILS,
}

DERIVED = {"public_id", "reference", "search_name", "search_turned"}
"""What is left out and could be read, but stands in the download in another place."""

STAFF = {"accounts", "sign_in_tries"}
"""About people who work here. They see their own on the page of their account; a signatory's link must not tell."""


def _about_persons(metadata: MetaData) -> set[str]:
    """Tables that name a mailbox, and those whose rows belong to one of them."""
    found = {
        table.name for table in metadata.tables.values() if any("mailbox" in name for name in _names(table))
    } - STAFF
    while more := {table.name for table in metadata.tables.values() if _points_at(table, found)} - found:
        found |= more
    return found


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _points_at(table: Table, names: Iterable[str]) -> bool:
    return any(key.column.table.name in set(names) for key in table.foreign_keys)


def _all_disclosures() -> list[Disclosure]:
    return [each for keeper in all_keepers() for each in keeper.discloses]


@pytest.fixture
def everything_kept(client: FlaskClient, mails: Mailbag) -> dict[str, Any]:
    """The download of somebody who has a row in every table; its rows by section."""
    address = make.email()
    typed = {"name": "Ada Bvron", "affiliation": "Analysts", "role": "Countess"}
    steps.sign(client, address, **typed, updates="y")
    first = mails.take_one().message
    steps.confirm(client, make.link(first, "confirm"))
    personal = make.link(mails.take_one().message, "signature")
    steps.correct(client, personal, name="Ada Byron", updates=None)
    signed = steps.the_signature()
    mailbox = signed.mailbox
    moderating.hold(signed, reason="To be looked at.")
    db.session.commit()
    client.post("/en/confirm", data={"email": address, "code": "12345678"})
    endorsing.become_held(client, mails, address)
    endorsing.decline(endorsing.the_endorsement(), "We do not know you.")
    db.session.add(EndorsementBlock(declaration_id=steps.declaration().id, mailbox=mailbox, created_at=clock.now()))
    db.session.commit()
    client.post(make.link(first, "not-me"))
    kept = client.get(f"{personal}/download").get_json()
    own, organisation = kept["signatures"], kept["endorsements"]
    return {
        "signature": [own["signature"]],
        "submissions": own["submissions"],
        "consents": own["signature"]["consents"],
        "corrections": own["signature"]["corrections"],
        "decisions": own["signature"]["decisions"],
        "mailed_links": own["mailed_links"],
        "mail_block": [own["mail_block"]],
        "code_tries": own["code_tries"],
        "endorsement": [organisation["endorsement"]],
        "endorsement_submissions": organisation["submissions"],
        "endorsement_decisions": organisation["endorsement"]["decisions"],
        "endorsement_links": organisation["mailed_links"],
        "endorsement_block": [organisation["mail_block"]],
        "mails": kept["outbox"]["mails"],
    }


def test_every_table_about_a_person_is_disclosed_by_a_keeper(app: Flask) -> None:
    about = _about_persons(Base.metadata)
    assert {"signatures", "submissions", "consents", "mails"} <= about, "the walk has seen them"

    assert about == {str(each.table.__tablename__) for each in _all_disclosures()}


def test_the_walk_finds_a_table_by_its_mailbox_and_by_what_it_points_at() -> None:
    class Elsewhere(DeclarativeBase):
        pass

    Table("letters", Elsewhere.metadata, Column("id", Integer, primary_key=True), Column("loose_mailbox", LargeBinary))
    Table("pages", Elsewhere.metadata, Column("id", Integer, primary_key=True), Column("of", ForeignKey("letters.id")))
    Table("lines", Elsewhere.metadata, Column("of", ForeignKey("pages.id")))
    Table("clocks", Elsewhere.metadata, Column("id", Integer), Column("name", String))
    assert _about_persons(Elsewhere.metadata) == {"letters", "pages", "lines"}


def test_what_is_left_out_is_a_column_and_has_a_reason(app: Flask) -> None:
    for each in _all_disclosures():
        columns = set(each.columns)
        assert each.left_out.keys() | each.instead.keys() <= columns, each.table
        assert not each.left_out.keys() & each.instead.keys(), each.table
        assert all(len(reason.split()) > 3 for reason in each.left_out.values()), each.table


def test_only_numbers_digests_keyed_hashes_and_what_is_made_of_others_are_left_out(app: Flask) -> None:
    for each in _all_disclosures():
        for name in each.left_out:
            column = each.table.__table__.columns[name]
            assert issubclass(column.type.python_type, int | bytes) or name in DERIVED, name


def test_the_download_has_every_section_with_the_keys_that_people_rely_on(
    everything_kept: dict[str, list[dict[str, Any]]],
) -> None:
    for section, rows in everything_kept.items():
        assert rows, section
        for row in rows:
            assert row.keys() == KEYS[section], section


def test_every_value_in_the_tables_is_in_the_download(everything_kept: dict[str, list[dict[str, Any]]]) -> None:
    db.session.commit()
    assert {each.table for each in SECTIONS.values()} == {each.table for each in _all_disclosures()}
    for section, disclosure in SECTIONS.items():
        columns = [name for name in disclosure.columns if name not in disclosure.left_out.keys() | disclosure.instead]
        table = disclosure.table.__table__
        stored = [
            {name: _as_json(row[name]) for name in columns} for row in db.session.execute(select(table)).mappings()
        ]
        told = [{name: row[name] for name in columns} for row in everything_kept[section]]
        assert sorted(map(repr, stored)) == sorted(map(repr, told)), section


def test_a_column_that_comes_later_is_handed_out_by_itself() -> None:
    class Elsewhere(DeclarativeBase):
        pass

    class Note(Elsewhere):
        __tablename__ = "notes"
        id: Mapped[int] = mapped_column(primary_key=True)
        secret: Mapped[str]
        added_later: Mapped[str]
        hashed: Mapped[bytes]
        at: Mapped[datetime]

    disclosure = Disclosure(Note, left_out={"secret": "because"}, instead={"id": lambda row: {"number": row.id + 1}})  # type: ignore[arg-type]
    at = datetime.fromisoformat("2026-03-04T12:00:00.5+01:00")
    row = Note(id=1, secret="x", added_later="y", hashed=b"\xff", at=at)

    assert disclosure.of(row) == {  # type: ignore[arg-type]
        "number": 2, "added_later": "y", "hashed": "ff", "at": "2026-03-04T11:00:00Z",
    }  # fmt: skip


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.hex() if isinstance(value, bytes) else value
