"""People who sign in for a partner: what they were given is about it alone, and about no declaration."""

from sqlalchemy import select

from petition.accounts import granting, inviting, proving
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.addresses import Address
from petition.extensions import db
from petition.partners.models import Partner

PREFIX = "partner:"
"""Stands before a partner's slug where a scope is named by a slug; no declaration's slug looks so."""


def scope_of(partner: Partner) -> int:
    """What grants name it by: below zero, where no declaration is."""
    return -partner.id


def invite(partner: Partner, address: Address, *, language: str) -> tuple[Account, str | None]:
    """Let the owner of this address in for the partner; who has no account yet is invited. Returns also the token."""
    account, token = proving.find(address.typed), None
    if account is None:
        account = granting.create(address, language=language)
        token = inviting.invite(account)
    granting.grant(account, Role.PARTNER, scopes=[scope_of(partner)])
    return account, token


def find(slug: str) -> int | None:
    found = db.session.scalar(select(Partner.id).where(Partner.slug == slug.removeprefix(PREFIX)))
    return None if found is None else -found


def name(scope: int) -> str:
    return db.session.scalar(select(Partner.name).where(Partner.id == -scope)) or ""


def slug(scope: int) -> str:
    return PREFIX + (db.session.scalar(select(Partner.slug).where(Partner.id == -scope)) or "")
