"""The count, and the changes that have not reached it yet."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import Serial, Time, UtcDateTime
from petition.extensions import Base


class Change(Base):
    """One signature more or less, noted in the transaction that made it so."""

    __tablename__ = "tally_changes"

    id: Mapped[Serial]
    scope: Mapped[int] = mapped_column(BigInteger)
    hour: Mapped[Time]
    country: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int]


class Bucket(Base):
    """How many of a scope were counted in one hour, from one country, through one source."""

    __tablename__ = "tally_buckets"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]


class Tally(Base):
    """The number that pages show, and the moment up to which it holds every change."""

    __tablename__ = "tallies"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]
    as_of: Mapped[Time]
