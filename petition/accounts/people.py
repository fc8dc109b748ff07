"""Who may do what to whom: roles given and taken back, accounts disabled and let in again, nobody by themselves."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from petition.accounts import granting, inviting, proving, sessions
from petition.accounts.duties import Role
from petition.accounts.models import Account, Grant
from petition.accounts.people_refusals import LastOne, NoSuchPerson, NotDisabled, NotTheirs, OneselfRefused
from petition.addresses import Address
from petition.extensions import db

GIVEN_BY_ORGANISERS = (Role.ORGANISER, Role.EDITOR, Role.MODERATOR, Role.EXPORTER)
GIVEN_BY_OPERATORS = tuple(role for role in Role if role is not Role.PARTNER)
"""A partner's people are let in on the partner's own page."""


@dataclass(frozen=True)
class Hand:
    """Who acts, and how far they reach."""

    account: Account
    scopes: Set[int] | None
    """The scopes whose people are theirs; None for all."""

    @property
    def operates(self) -> bool:
        return any(grant.role == Role.OPERATOR and grant.scope is None for grant in self.account.grants)

    @property
    def roles(self) -> Sequence[Role]:
        """Those that they may give."""
        return GIVEN_BY_OPERATORS if self.operates else GIVEN_BY_ORGANISERS

    def sees(self, scope: int | None) -> bool:
        """Whether they may know of a role within this scope: of others they do not learn that there are any."""
        return self.scopes is None or scope is None or scope in self.scopes

    def reaches(self, role: str, scope: int | None) -> bool:
        """Whether they may give this role within this scope, and take it back."""
        if role == Role.PARTNER:
            return self.operates or self.scopes is None
        if role not in self.roles:
            return False
        return self.scopes is None or (scope is not None and scope in self.scopes)

    def holds(self, account: Account) -> bool:
        """Whether everything that the account may do is theirs to give, so that the whole account is."""
        if self.operates:
            return True
        return bool(account.grants) and all(self.reaches(grant.role, grant.scope) for grant in account.grants)


def all_of(hand: Hand) -> Sequence[Account]:
    """The accounts that they see, by name; those without one, who have yet to join, stand first."""
    query = select(Account).order_by(Account.name, Account.id)
    if hand.scopes is not None:
        theirs = select(Grant.account_id).where(or_(Grant.scope.in_(hand.scopes), Grant.scope.is_(None)))
        query = query.where(Account.id.in_(theirs))
    return db.session.scalars(query).all()


def get(hand: Hand, public_id: str) -> Account:
    """One of those that they see. Raises NoSuchPerson."""
    found = next((account for account in all_of(hand) if account.public_id == public_id), None)
    if found is None:
        raise NoSuchPerson
    return found


def invite(
    hand: Hand, address: Address, role: Role, *, scopes: Iterable[int] | None, language: str
) -> tuple[Account, bool]:
    """Give the owner of this address a role; who has no account yet is invited. Returns also whether they were.

    Raises NotTheirs and OneselfRefused.
    """
    wanted = _refuse_others(hand, role, scopes)
    account = proving.find(address.typed)
    if account is None:
        account = granting.create(address, language=language)
        granting.grant(account, role, scopes=wanted)
        inviting.invite(account)
        return account, True
    give(hand, account, role, scopes=wanted)
    return account, False


def give(hand: Hand, account: Account, role: Role, *, scopes: Iterable[int] | None) -> None:
    """Raises NotTheirs, and OneselfRefused: nobody raises themselves."""
    wanted = _refuse_others(hand, role, scopes)
    if account.id == hand.account.id:
        raise OneselfRefused
    granting.grant(account, role, scopes=wanted)


def take_back(hand: Hand, account: Account, role: Role, *, scope: int | None) -> None:
    """Raises NotTheirs, and LastOne: somebody must remain who can let others in."""
    if not hand.reaches(role, scope):
        raise NotTheirs
    _lock_keys()
    granting.revoke(account, role, scopes=None if scope is None else [scope])
    if _is_key(role, scope):
        _refuse_nobody()


def disable(hand: Hand, account: Account) -> None:
    """Raises NotTheirs, OneselfRefused and LastOne."""
    _refuse_unless_held(hand, account)
    _lock_keys()
    granting.disable(account)
    if any(_is_key(grant.role, grant.scope) for grant in account.grants):
        _refuse_nobody()


def enable(hand: Hand, account: Account) -> None:
    """Raises NotTheirs and OneselfRefused."""
    _refuse_unless_held(hand, account)
    granting.enable(account)


def invite_again(hand: Hand, account: Account) -> None:
    """For who lost password or second factor. Raises NotTheirs, OneselfRefused, and NotDisabled if that comes first."""
    _refuse_unless_held(hand, account)
    if not account.active:
        raise NotDisabled
    inviting.invite_again(account)


def end_sessions(hand: Hand, account: Account) -> None:
    """Raises NotTheirs and OneselfRefused."""
    _refuse_unless_held(hand, account)
    sessions.end_all(account)


def _refuse_others(hand: Hand, role: Role, scopes: Iterable[int] | None) -> set[int] | None:
    """An operator's role is for no single scope. Raises NotTheirs."""
    wanted = None if scopes is None or role is Role.OPERATOR else set(scopes)
    if role not in hand.roles:
        raise NotTheirs
    if not all(hand.reaches(role, scope) for scope in (wanted if wanted is not None else {None})):
        raise NotTheirs
    return wanted


def _refuse_unless_held(hand: Hand, account: Account) -> None:
    if account.id == hand.account.id:
        raise OneselfRefused
    if not hand.holds(account):
        raise NotTheirs


def _is_key(role: str, scope: int | None) -> bool:
    """Whether who has it can let anybody in anywhere: an operator, or an organiser of all declarations."""
    return role == Role.OPERATOR or (role == Role.ORGANISER and scope is None)


def _lock_keys() -> None:
    """Before any is taken away: of two who take each other's, the later one finds what the earlier has left."""
    db.session.execute(_holders().with_for_update(of=Account))


def _refuse_nobody() -> None:
    """Somebody must be left who holds such a key and can sign in. Raises LastOne."""
    db.session.flush()
    if not any(account.active for account in db.session.scalars(_holders())):
        raise LastOne


def _holders() -> Select[Account]:
    """Those who hold such a key and have joined."""
    keys = or_(Grant.role == Role.OPERATOR, (Grant.role == Role.ORGANISER) & Grant.scope.is_(None))
    holding = Account.id.in_(select(Grant.account_id).where(keys))
    return select(Account).where(Account.joined_at.is_not(None), holding).order_by(Account.id)
