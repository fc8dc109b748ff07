"""Partners, and the keys with which their own programs sign for people who filled in a form of theirs."""

import re
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import keys
from petition.columns import Digest, PublicId, Serial, SerialType, Time, UtcDateTime
from petition.declarations.plans import Wording
from petition.extensions import Base
from petition.partners import builders, colours
from petition.partners.colours import Pair

SLUG = re.compile(r"(?=.{2,40}\Z)[a-z0-9]+(-[a-z0-9]+)*")
KEY = re.compile(r"petition_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
"""A form that programs which look for secrets in public code can be taught."""
RESERVED_SLUGS = frozenset({"new"})
"""Words of the console's own addresses beside the partners' pages."""


class Partner(Base):
    """An organisation that carries the form, known by its slug, which never changes: signatures name it."""

    __tablename__ = "partners"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Text)
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    """A mail address, or the empty text where none is known; encrypted."""
    site: Mapped[str] = mapped_column(Text, default="")
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The exact origins whose pages may frame the form."""
    builders: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Names of site builders (``builders.WRAPPERS``) that put frames of their own around it."""
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Those that its pages speak; none means every one."""
    carries: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Slugs of the declarations; None means every one, those to come among them."""
    stored_colours: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    wordings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Of its consent, by language."""
    notice: Mapped[str] = mapped_column(Text, default="")
    """The address of its privacy notice."""
    may_share: Mapped[bool] = mapped_column(default=False)
    """Whether it may be given people at all, who must agree besides."""
    age_key: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Time]
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keys: Mapped[list["PartnerKey"]] = relationship(order_by="PartnerKey.id", back_populates="partner")

    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("slug"),
        CheckConstraint("length(slug) BETWEEN 2 AND 40", name="slug"),
        CheckConstraint("NOT may_share OR notice <> ''", name="shares_with_a_notice"),
    )

    @property
    def enabled(self) -> bool:
        """Enabling adds a later time and clears none."""
        if self.disabled_at is None:
            return True
        return self.enabled_at is not None and self.enabled_at >= self.disabled_at

    def has(self, declaration_slug: str) -> bool:
        """Whether it carries this declaration."""
        return self.carries is None or declaration_slug in self.carries

    @property
    def frame_ancestors(self) -> list[str]:
        """Where the form may stand, as ``frame-ancestors`` lists it; nowhere while the partner is switched off."""
        return [*self.origins, *builders.wrappers(self.builders)] if self.enabled else []

    @property
    def colours(self) -> dict[str, Pair]:
        """Accent and background for ``light`` and for ``dark``, where they differ from ours."""
        return colours.stored(self.stored_colours)

    @property
    def consent(self) -> Wording | None:
        """The exact words of its consent by language; None where it may not be given people."""
        return Wording(self.wordings) if self.may_share and self.wordings else None

    @property
    def contact_address(self) -> str:
        return keys.ring().decrypt(self.contact)


class PartnerKey(Base):
    """A key of a partner's program: what was shown once, only its digest is kept. Two may live at once."""

    __tablename__ = "partner_keys"

    id: Mapped[Serial]
    public_id: Mapped[PublicId]
    partner_id: Mapped[int] = mapped_column(SerialType, ForeignKey(Partner.id), index=True)
    prefix: Mapped[str] = mapped_column(String(20))
    """Its beginning, by which people tell it from others."""
    last_four: Mapped[str] = mapped_column(String(4))
    digest: Mapped[Digest]
    """SHA-256 of the whole; it is random, so this cannot be reversed."""
    carries: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Slugs of the declarations for which it is good; None means every one that its partner carries."""
    created_at: Mapped[Time]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    partner: Mapped[Partner] = relationship(back_populates="keys")

    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("digest"),
        UniqueConstraint("prefix"),
    )

    def opens(self, declaration_slug: str) -> bool:
        """Whether it is good for this declaration, which its partner must carry besides."""
        return self.partner.has(declaration_slug) and (self.carries is None or declaration_slug in self.carries)
