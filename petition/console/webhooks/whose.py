"""Whose webhooks they are, a declaration’s organisers’ or a partner’s; what they hear of, where their pages are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, url_for

from petition import links
from petition.accounts import guarding, scopes
from petition.accounts.duties import Duty, Role
from petition.declarations import reading as declarations
from petition.declarations.models import Declaration
from petition.declarations.notices import ORGANISERS
from petition.partners import notices as partner_notices
from petition.partners import people
from petition.partners import reading as partners
from petition.partners.models import Partner
from petition.webhooks import endpoints, events
from petition.webhooks.events import Event
from petition.webhooks.models import WebhookEndpoint

OF_DECLARATIONS, OF_PARTNERS = "console_webhooks", "console_partner_webhooks"
"""The blueprints of their pages: the same views, below two addresses."""
EVERY = "*"
"""Stands for every declaration where one stands by its slug."""


@dataclass(frozen=True)
class Owner:
    """Who has webhooks. Either ``declaration``, whose organisers they are, or ``partner`` is there."""

    name: str
    """As endpoints name their owner."""
    role: Role
    within: int
    """Whoever has this role within this scope looks after them."""
    pages: str
    at: dict[str, Any]
    """What stands in the addresses of their pages."""
    scopes: Mapping[str, int | None]
    """What a webhook of theirs may be about, by the declaration's slug."""
    declaration: Declaration | None = None
    partner: Partner | None = None

    @property
    def events(self) -> Mapping[str, Event]:
        return events.open_to(self.name)

    @property
    def zone(self) -> str:
        """In which their pages say when something happened."""
        return self.declaration.plan.time_zone if self.declaration else "UTC"

    def webhooks(self) -> Sequence[WebhookEndpoint]:
        if self.declaration is None:
            return endpoints.owned_by(self.name)
        return endpoints.all_of(owner=self.name, scope=self.declaration.id)

    def has(self, endpoint: WebhookEndpoint) -> bool:
        mine = self.declaration is None or endpoint.scope == self.declaration.id
        return endpoint.owner == self.name and mine

    def url(self, page: str, **more: Any) -> str:
        return url_for(f"{self.pages}.{page}", **self.at, **more)

    @property
    def link(self) -> str:
        """To their list, for mails."""
        return links.external(f"{self.pages}.listed", **self.at)


def of_organisers(declaration: Declaration) -> Owner:
    """Those of this declaration, whose webhooks are about it alone."""
    return Owner(
        name=ORGANISERS,
        role=Role.ORGANISER,
        within=declaration.id,
        pages=OF_DECLARATIONS,
        at={"slug": declaration.slug},
        scopes={declaration.slug: declaration.id},
        declaration=declaration,
    )


def of_partner(partner: Partner) -> Owner:
    """This partner, whose webhooks are about one declaration that it carries; or about all, if it carries all."""
    carried = {each.slug: each.id for each in declarations.all_declarations() if partner.has(each.slug)}
    return Owner(
        name=partner_notices.owner(partner.slug),
        role=Role.PARTNER,
        within=people.scope_of(partner),
        pages=OF_PARTNERS,
        at={"partner": partner.slug},
        scopes={EVERY: None, **carried} if partner.carries is None else carried,
        partner=partner,
    )


def asked(at: Mapping[str, str]) -> Owner:
    """Whom the address of the page in hand names; only inside a guarded view.

    To whoever does not look after their webhooks they are not there: aborts with 404.
    """
    owner = _by_partner(at["partner"]) if "partner" in at else _by_declaration(at["slug"])
    if owner is None or not guarding.may(Duty.WEBHOOKS, owner.within):
        abort(404)
    return owner


def of(endpoint: WebhookEndpoint) -> Owner | None:
    partner = partner_notices.slug_of(endpoint.owner)
    if partner is not None:
        return _by_partner(partner)
    return None if endpoint.scope is None else _by_declaration(scopes.slug(endpoint.scope))


def _by_partner(slug: str) -> Owner | None:
    partner = partners.find(slug)
    return of_partner(partner) if partner else None


def _by_declaration(slug: str) -> Owner | None:
    declaration = declarations.find(slug)
    return of_organisers(declaration) if declaration else None
