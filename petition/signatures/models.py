"""Submissions and signatures, their consents, corrections and decisions, and the links mailed for them."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates

from petition.columns import PUBLIC_ID_LENGTH, Digest, PublicId, Serial, SerialType, Time, UtcDateTime
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import Base
from petition.signatures import searching


class Visibility(StrEnum):
    """Who sees a name: everyone, the addressee alone, or nobody, so that only the number grows."""

    PUBLIC = "public"
    ADDRESSEE = "addressee"
    COUNTED = "counted"


class Channel(StrEnum):
    """How a signature came in."""

    WEB = "web"
    EMBED = "embed"
    """In the form inside a partner's page."""
    API = "api"
    """In a partner's own form, whose program sent it."""
    PAPER = "paper"
    """Given on a sheet, and entered by an organiser."""


class State(StrEnum):
    """Where a name stands; *pending* is what was submitted and is no signature yet."""

    PENDING = "pending"
    COUNTED = "counted"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    ERASED = "erased"


class Stated:
    """What a signatory states, alike in a submission and in a signature."""

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(String(2))
    affiliation: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    sector: Mapped[str | None] = mapped_column(String(40))
    comment: Mapped[str | None] = mapped_column(Text)
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    visibility: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(40), default="")
    partner: Mapped[str] = mapped_column(String(40), server_default=text("''"))
    """The slug of the partner through whom it came; empty where nobody carried it."""
    created_at: Mapped[Time]

    @declared_attr
    def declaration_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey(Declaration.id))

    @declared_attr
    def text_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey(DeclarationText.id))

    @declared_attr
    def text(cls) -> Mapped[DeclarationText]:
        return relationship(DeclarationText)


class Submission(Stated, Base):
    """What was typed and sent, before its address is proved. There may be any number for one address."""

    __tablename__ = "submissions"

    address: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, as it was typed."""
    mailbox: Mapped[Digest]
    loose_mailbox: Mapped[Digest]
    domain: Mapped[Digest]
    network: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    consents: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Purpose and exact wording of each consent given."""
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its newest confirmation mail was written; its code counts from here."""
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_submissions_mailbox", "mailbox", "declaration_id", "id"),
        # How many came and how many of them are confirmed, hour by hour, is counted through the index alone.
        Index("ix_submissions_created", "declaration_id", "created_at", "confirmed_at"),
        CheckConstraint("visibility IN ('public', 'addressee', 'counted')", name="visibility"),
        CheckConstraint("channel IN ('web', 'embed', 'api', 'paper')", name="channel"),
    )


COUNTED = (
    "confirmed_at IS NOT NULL"
    " AND (withdrawn_at IS NULL OR withdrawn_at < confirmed_at)"
    " AND (invalidated_at IS NULL OR (reinstated_at IS NOT NULL AND invalidated_at < reinstated_at))"
    " AND (held_at IS NULL OR (approved_at IS NOT NULL AND held_at < approved_at))"
)
"""The rule of what counts, kept by the database itself. Undoing adds a later time and clears none."""


SearchKey = Text().with_variant(Text(collation="C"), "postgresql")
"""In the order of code points on every database, so that what begins alike lies together."""


def _of_name(key: Callable[[str], str | None]) -> Callable[[Any], str | None]:
    # Isolated, the default of SQLAlchemy, fails where rows are inserted by a SELECT's from_statement.
    return lambda context: key(context.get_current_parameters(isolate_multiinsert_groups=False)["name"])


class Signature(Stated, Base):
    """One signatory's confirmed name under one declaration: one for each mailbox, by constraint."""

    __tablename__ = "signatures"

    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    mailbox: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    loose_mailbox: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    domain: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    network: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invalidated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reinstated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    search_name: Mapped[str | None] = mapped_column(SearchKey, default=_of_name(searching.key))
    search_turned: Mapped[str | None] = mapped_column(SearchKey, default=_of_name(searching.turned_key))
    """What the list's search compares; made from the name wherever that is written, empty when it is."""
    counted: Mapped[bool] = mapped_column(Computed(COUNTED, persisted=True))
    consents: Mapped[list["Consent"]] = relationship(
        order_by="Consent.given_at, Consent.purpose", cascade="all, delete-orphan"
    )
    corrections: Mapped[list["Correction"]] = relationship(order_by="Correction.id", cascade="all, delete-orphan")
    decisions: Mapped[list["SignatureDecision"]] = relationship(
        order_by="SignatureDecision.id", cascade="all, delete-orphan"
    )

    # The database says at once, with each write, whether the signature counts.
    __mapper_args__ = {"eager_defaults": True}
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("declaration_id", "mailbox", name="uq_signatures_one_per_mailbox"),
        CheckConstraint("visibility IN ('public', 'addressee', 'counted')", name="visibility"),
        CheckConstraint("channel IN ('web', 'embed', 'api', 'paper')", name="channel"),
    )

    @validates("name")
    def _keep_search_keys(self, _attribute: str, name: str) -> str:
        self.search_name, self.search_turned = searching.key(name), searching.turned_key(name)
        return name

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None and (self.confirmed_at is None or self.withdrawn_at >= self.confirmed_at)

    @property
    def invalidated(self) -> bool:
        return _stands(self.invalidated_at, undone=self.reinstated_at)

    @property
    def held(self) -> bool:
        return _stands(self.held_at, undone=self.approved_at)

    @property
    def state(self) -> State:
        """What weighs most: a withdrawn signature is withdrawn, whatever was decided about it before."""
        if self.erased_at is not None:
            return State.ERASED
        if self.withdrawn:
            return State.WITHDRAWN
        if self.invalidated:
            return State.INVALIDATED
        return State.HELD if self.held else State.COUNTED


def _stands(fact: datetime | None, *, undone: datetime | None) -> bool:
    return fact is not None and (undone is None or undone <= fact)


SHOWN = and_(Signature.counted, Signature.visibility == literal_column(f"'{Visibility.PUBLIC}'"))
"""Whose name is on the public list. A constant, not a parameter, so that its index is found."""

_DECLARED = Signature.declaration_id
_IN_ORDER = (_DECLARED, Signature.confirmed_at, Signature.public_id)
_ONLY_SHOWN: dict[str, Any] = {
    "sqlite_where": text("counted = 1 AND visibility = 'public'"),
    "postgresql_where": text("counted AND visibility = 'public'"),
}
Index(
    "ix_signatures_delivery",
    *_IN_ORDER,
    sqlite_where=text("counted = 1"),
    postgresql_where=text("counted"),
)
# For how many signed which version.
Index(
    "ix_signatures_text",
    Signature.text_id,
    sqlite_where=text("counted = 1"),
    postgresql_where=text("counted"),
)
Index("ix_signatures_shown", *_IN_ORDER, **_ONLY_SHOWN)
# For the list's filters. What comes after the ids is there so that a second filter is answered by the index too.
Index("ix_signatures_country", _DECLARED, Signature.country, *_IN_ORDER[1:], Signature.sector, **_ONLY_SHOWN)
Index(
    "ix_signatures_sector",
    _DECLARED,
    Signature.sector,
    *_IN_ORDER[1:],
    Signature.country,
    sqlite_where=text("counted = 1 AND visibility = 'public' AND sector IS NOT NULL"),
    postgresql_where=text("counted AND visibility = 'public' AND sector IS NOT NULL"),
)
# What does not count is little; its times tell why, and are there so that counting it needs the index alone.
Index(
    "ix_signatures_uncounted",
    _DECLARED,
    Signature.confirmed_at,
    Signature.withdrawn_at,
    Signature.invalidated_at,
    Signature.reinstated_at,
    Signature.held_at,
    Signature.approved_at,
    sqlite_where=text("counted = 0"),
    postgresql_where=text("NOT counted"),
)
for _name in ("search_name", "search_turned"):
    _found = Signature.__table__.c[_name], Signature.public_id, Signature.country, Signature.sector
    Index(f"ix_signatures_{_name}", _DECLARED, *_found, **_ONLY_SHOWN)

# For staff, who find every signature whatever its state. What comes after the ids is there so that a filter
# is answered by the index too.
_FILTERED = (Signature.country, Signature.visibility)
Index("ix_signatures_all", *_IN_ORDER, *_FILTERED)
Index("ix_signatures_all_country", _DECLARED, Signature.country, *_IN_ORDER[1:], Signature.visibility)
for _name in ("search_name", "search_turned"):
    Index(f"ix_signatures_all_{_name}", _DECLARED, Signature.__table__.c[_name], Signature.public_id, *_FILTERED)
# These hold the few rows that their names tell, and cost an ordinary signature nothing.
for _name, _rule in {
    "held": "held_at IS NOT NULL",
    "invalidated": "invalidated_at IS NOT NULL",
    "withdrawn": "withdrawn_at IS NOT NULL",
    "erased": "erased_at IS NOT NULL",
    "paper": "channel <> 'web'",
}.items():
    Index(f"ix_signatures_{_name}", *_IN_ORDER, sqlite_where=text(_rule), postgresql_where=text(_rule))
_SOURCED = text("source <> ''")
Index(
    "ix_signatures_source",
    _DECLARED,
    Signature.source,
    *_IN_ORDER[1:],
    sqlite_where=_SOURCED,
    postgresql_where=_SOURCED,
)
_NAMED_WITHOUT = text("mailbox IS NULL AND erased_at IS NULL")
# Persons on paper who gave no address: for the purge, which finds the others by their mailbox.
Index(
    "ix_signatures_no_mailbox",
    _DECLARED,
    Signature.id,
    sqlite_where=_NAMED_WITHOUT,
    postgresql_where=_NAMED_WITHOUT,
)
_PENDING = text("confirmed_at IS NULL")
Index(
    "ix_submissions_pending",
    Submission.declaration_id,
    Submission.created_at,
    Submission.public_id,
    Submission.country,
    sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)


_CARRIED: dict[str, Any] = {"sqlite_where": text("partner <> ''"), "postgresql_where": text("partner <> ''")}
# For a partner's own numbers; what nobody carried costs nothing.
Index("ix_signatures_partner", _DECLARED, Signature.partner, Signature.language, Signature.counted, **_CARRIED)
Index(
    "ix_submissions_partner",
    Submission.declaration_id,
    Submission.partner,
    Submission.created_at,
    Submission.confirmed_at,
    Submission.channel,
    **_CARRIED,
)


class Consent(Base):
    """One consent: what for, in exactly which words, when; withdrawing adds a time."""

    __tablename__ = "consents"

    id: Mapped[Serial]
    signature_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Signature.id), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    partner: Mapped[str | None] = mapped_column(String(60))
    given_at: Mapped[Time]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "ix_consents_partner",
            "partner",
            "signature_id",
            sqlite_where=text("partner IS NOT NULL"),
            postgresql_where=text("partner IS NOT NULL"),
        ),
    )


class Correction(Base):
    """That a signatory corrected a field: what stood in it before, and until when."""

    __tablename__ = "corrections"

    id: Mapped[Serial]
    signature_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Signature.id), index=True)
    field: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | None] = mapped_column(Text)
    """What stood before; None where the field was empty."""
    corrected_at: Mapped[Time]

    __table_args__ = (CheckConstraint("field IN ('name', 'affiliation', 'role')", name="field"),)


class Verdict(StrEnum):
    """What staff decides about a signature; each undoes the one beside it, or sets it anew."""

    HELD = "held"
    APPROVED = "approved"
    INVALIDATED = "invalidated"
    REINSTATED = "reinstated"


class SignatureDecision(Base):
    """What staff decided about a signature, and why; never changed: undoing one adds a later one."""

    __tablename__ = "signature_decisions"

    id: Mapped[Serial]
    signature_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Signature.id), index=True)
    verdict: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(String(PUBLIC_ID_LENGTH))
    """The public id of the account; None for a command on the machine."""
    decided_at: Mapped[Time]

    __table_args__ = (CheckConstraint("verdict IN ('held', 'approved', 'invalidated', 'reinstated')", name="verdict"),)


class Purpose(StrEnum):
    """What a mailed link is for; one made for one purpose opens nothing else."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    PERSONAL = "personal"
    UNSUBSCRIBE = "updates"
    """Ends the updates; the column holds ten letters."""


class MailedLink(Base):
    """A link that lies in somebody's mailbox; only its token's digest is known here."""

    __tablename__ = "mailed_links"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id))
    mailbox: Mapped[Digest]
    created_at: Mapped[Time]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declaration: Mapped[Declaration] = relationship()

    __table_args__ = (Index("ix_mailed_links_mailbox", "mailbox", "declaration_id"),)


class MailBlock(Base):
    """A mailbox's owner said "this was not me": it gets no mail for this declaration until they lift it."""

    __tablename__ = "mail_blocks"

    declaration_id: Mapped[int] = mapped_column(ForeignKey(Declaration.id), primary_key=True)
    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[Time]


class CodeTry(Base):
    """Somebody typed a code for this address; whether there is such a mailbox makes no difference."""

    __tablename__ = "code_tries"

    id: Mapped[Serial]
    mailbox: Mapped[Digest]
    tried_at: Mapped[Time]

    __table_args__ = (Index("ix_code_tries_mailbox", "mailbox", "tried_at"),)
