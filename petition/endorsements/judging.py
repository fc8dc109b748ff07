"""What an organiser needs to know of an endorsement to decide about it."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from petition import addresses, keys
from petition.declarations.models import Declaration
from petition.endorsements import sites
from petition.endorsements.models import Endorsement, State
from petition.endorsements.states import HELD
from petition.extensions import db

MOST = 100
MANY = 100
"""More that wait are told as this many."""


@dataclass(frozen=True)
class Case:
    """An endorsement, where the person responsible reads mail, and how many others name the same site."""

    endorsement: Endorsement
    mail_domain: str
    mail_fits: bool
    same_site: int


def cases(declaration: Declaration) -> list[Case]:
    """Those that wait first, the longest waiting at the top; then what was decided last. At most 100 of each."""
    theirs = select(Endorsement).where(Endorsement.declaration_id == declaration.id, Endorsement.site != "")
    theirs = theirs.options(selectinload(Endorsement.decisions)).limit(MOST)
    waiting = db.session.scalars(theirs.where(HELD).order_by(Endorsement.confirmed_at, Endorsement.id)).all()
    decided = db.session.scalars(theirs.where(~HELD).order_by(Endorsement.confirmed_at.desc())).all()
    rows = [*waiting, *decided]
    hosts = Counter(sites.host(row.site) for row in rows if row.state is not State.WITHDRAWN)
    return [case(row, same_site=max(0, hosts[sites.host(row.site)] - 1)) for row in rows]


def case(endorsement: Endorsement, *, same_site: int) -> Case:
    if endorsement.address is None:
        return Case(endorsement, "", True, same_site)
    domain = addresses.parse(keys.ring().decrypt(endorsement.address)).domain
    host = sites.host(endorsement.site)
    fits = domain == host or domain.endswith(f".{host}") or host.endswith(f".{domain}")
    return Case(endorsement, domain, fits, same_site)


def count_waiting(declaration: Declaration) -> int:
    """How many wait, or ``MANY`` where there are more; it looks at no more of them."""
    few = select(Endorsement.id).where(Endorsement.declaration_id == declaration.id, Endorsement.site != "", HELD)
    return db.session.scalar(select(func.count()).select_from(few.limit(MANY).subquery())) or 0
