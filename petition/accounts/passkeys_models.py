"""The table of passkeys: public keys with which authenticators prove whose they are."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.accounts.models import Account
from petition.columns import PublicId, Serial, SerialType, Time, UtcDateTime
from petition.extensions import Base


class Passkey(Base):
    """One passkey of one account. What it signs with never leaves its authenticator."""

    __tablename__ = "passkeys"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Account.id), index=True)
    name: Mapped[str] = mapped_column(Text)
    """As its owner calls it, to tell it from others."""
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """In COSE's form (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often it has signed, if it counts; a count that does not grow tells of a copy."""
    transports: Mapped[str] = mapped_column(Text)
    """How a browser may reach it, in WebAuthn's words with spaces between."""
    added_at: Mapped[Time]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("credential_id"))
