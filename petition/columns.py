"""Column types that every room's tables share: serial ids, public ids, times in UTC."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, String
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

PUBLIC_ID_LENGTH = 22
"""Characters of a public id: 128 random bits in URL-safe Base64."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC by databases that know time zones and by those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone does not enter the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; what was written is UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_public_id() -> str:
    """A random name for a row that may leave the house; serial ids never do."""
    return secrets.token_urlsafe(16)


# SQLite gives automatic ids only to a column that is exactly INTEGER.
SerialType = BigInteger().with_variant(Integer(), "sqlite")

Serial = Annotated[int, mapped_column(SerialType, primary_key=True)]
PublicId = Annotated[str, mapped_column(String(PUBLIC_ID_LENGTH), default=new_public_id)]
Time = Annotated[datetime, mapped_column(UtcDateTime)]
Digest = Annotated[bytes, mapped_column(LargeBinary(32))]
