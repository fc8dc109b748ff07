"""The count, and the changes that have not reached it yet."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import Serial, Time, UtcDateTime
from petition.extensions import Base

PERSON: Final = "person"
ORGANISATION: Final = "organisation"

Key = tuple[int, str, datetime, str, str, str]
"""Scope, kind, hour, country, source, partner."""


class Change(Base):
    """One more or less of a kind, noted in the transaction that made it so."""

    __tablename__ = "tally_changes"

    id: Mapped[Serial]
    scope: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12), default=PERSON)
    hour: Mapped[Time]
    country: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(40))
    partner: Mapped[str] = mapped_column(String(40), server_default=text("''"))
    amount: Mapped[int]


class Bucket(Base):
    """How many of a scope and kind were counted in one hour, from one country, through one source and partner."""

    __tablename__ = "tally_buckets"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True, default=PERSON)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    count: Mapped[int]


class NamedSource(Base):
    """A source that is counted by its name."""

    __tablename__ = "tally_sources"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)


class Tally(Base):
    """The number of one kind that pages show, and the moment up to which it holds every change."""

    __tablename__ = "tallies"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    count: Mapped[int]
    as_of: Mapped[Time]
    changes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """How often the buckets have changed; only ever higher. The count may be the same where they are not."""
