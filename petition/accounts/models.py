"""Accounts, what they were given, how they prove who they are, and the sessions in which they work."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.accounts.duties import Role
from petition.columns import Digest, PublicId, Serial, SerialType, Time, UtcDateTime
from petition.extensions import Base


class Account(Base):
    """A person who signs in, known by one mailbox. It stays when it is disabled, because the trail names it."""

    __tablename__ = "accounts"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(Text, default="")
    """As the person writes it; empty until the invitation is taken up."""
    address: Mapped[bytes] = mapped_column(LargeBinary)
    mailbox: Mapped[Digest]
    language: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str | None] = mapped_column(Text)
    """As argon2 writes it, its parameters and salt among it; None until the invitation is taken up."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted; what an authenticator app makes its codes of."""
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    """The 30 seconds whose code was taken last: neither it nor an older one is taken again."""
    created_at: Mapped[Time]
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the invitation was taken up."""
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    grants: Mapped[list["Grant"]] = relationship(
        order_by="Grant.id", cascade="all, delete-orphan", lazy="selectin", back_populates="account"
    )

    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("mailbox"))

    @property
    def active(self) -> bool:
        """Whether it may sign in. Enabling adds a later time and clears none."""
        if self.disabled_at is None:
            return True
        return self.enabled_at is not None and self.enabled_at >= self.disabled_at


class Grant(Base):
    """One role that an account has, within one scope or within every one."""

    __tablename__ = "grants"

    id: Mapped[Serial]
    account_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Account.id))
    role: Mapped[str] = mapped_column(String(10))
    scope: Mapped[int | None] = mapped_column(BigInteger)
    """None: every scope, those to come among them."""
    granted_at: Mapped[Time]
    account: Mapped[Account] = relationship(back_populates="grants")

    __table_args__ = (
        UniqueConstraint("account_id", "role", "scope", name="uq_grants_one_per_scope"),
        CheckConstraint(f"role IN ({', '.join(repr(role.value) for role in Role)})", name="role"),
    )


# A unique constraint takes two empty scopes for different ones.
Index(
    "uq_grants_every_scope",
    Grant.account_id,
    Grant.role,
    unique=True,
    sqlite_where=text("scope IS NULL"),
    postgresql_where=text("scope IS NULL"),
)


class StaffSession(Base):
    """One browser in which somebody has signed in, known by the digest of its cookie. Ended, its row is gone."""

    __tablename__ = "staff_sessions"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    digest: Mapped[Digest]
    account_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Account.id), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What Flask's ``session`` holds."""
    client: Mapped[str] = mapped_column(String(60))
    """The browser in a word or two, for the list of open sessions."""
    created_at: Mapped[Time]
    used_at: Mapped[Time]
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When password and second factor were last given; None while only the password was."""
    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("digest"))


class RecoveryCode(Base):
    """A code on paper that stands in for the second factor, once."""

    __tablename__ = "recovery_codes"

    id: Mapped[Serial]
    account_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Account.id), index=True)
    code_hash: Mapped[Digest]
    made_at: Mapped[Time]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A link with which a person takes up an account; only its token's digest is known here."""

    __tablename__ = "invitations"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Account.id), index=True)
    created_at: Mapped[Time]
    expires_at: Mapped[Time]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class SignInTry(Base):
    """Somebody tried to prove who they are; whether there is such an account makes no difference."""

    __tablename__ = "sign_in_tries"

    id: Mapped[Serial]
    mailbox: Mapped[Digest]
    network: Mapped[bytes] = mapped_column(LargeBinary(16))
    tried_at: Mapped[Time]

    __table_args__ = (
        Index("ix_sign_in_tries_mailbox", "mailbox", "tried_at"),
        Index("ix_sign_in_tries_network", "network", "tried_at"),
    )
