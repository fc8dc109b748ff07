"""The tables of figures: one row for each declaration or partner, kept by the worker, read by the staff's pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import SerialType, Time, UtcDateTime
from petition.declarations.models import Declaration
from petition.extensions import Base
from petition.partners.models import Partner


class StoredFigures(Base):
    """What was counted last of a declaration; ``petition.console.figures`` tells what the JSON holds."""

    __tablename__ = "console_figures"

    declaration_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Declaration.id), primary_key=True)
    claimed_until: Mapped[Time]
    """One worker counts, and none counts again, while this lies ahead."""
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None until the first count is done."""
    stored: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class StoredPartnerFigures(Base):
    """What was counted last of a partner; ``petition.console.carrying.figures`` tells what the JSON holds."""

    __tablename__ = "partner_figures"

    partner_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Partner.id), primary_key=True)
    claimed_until: Mapped[Time]
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
