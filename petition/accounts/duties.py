"""Roles that are given to people, and the duties that each of them brings."""

from enum import StrEnum

from flask_babel import LazyString, lazy_gettext


class Role(StrEnum):
    ORGANISER = "organiser"
    EDITOR = "editor"
    MODERATOR = "moderator"
    EXPORTER = "exporter"
    OPERATOR = "operator"
    PARTNER = "partner"
    """Within one partner, and never within a declaration."""


class Duty(StrEnum):
    """What a staff page asks for; each page asks for one."""

    WATCH = "watch"
    TEXTS = "texts"
    STATE = "state"
    """Opening and closing: from the closing, retention counts."""
    SIGNATURES = "signatures"
    DELIVERIES = "deliveries"
    WEBHOOKS = "webhooks"
    """Which other machines are told of what happens to a declaration, or through a partner."""
    ACCOUNTS = "accounts"
    PARTNERS = "partners"
    """Who carries the form; only of whoever organises everything."""
    CARRYING = "carrying"
    """A partner's own numbers and people."""
    PEOPLE = "people"
    """Who may do what, and the trail of what they did; an organiser's on their declarations."""


DUTIES: dict[Role, frozenset[Duty]] = {
    Role.ORGANISER: frozenset(set(Duty) - {Duty.ACCOUNTS}),
    Role.EDITOR: frozenset({Duty.WATCH, Duty.TEXTS}),
    Role.MODERATOR: frozenset({Duty.WATCH, Duty.SIGNATURES}),
    Role.EXPORTER: frozenset({Duty.WATCH, Duty.DELIVERIES}),
    Role.OPERATOR: frozenset({Duty.ACCOUNTS, Duty.PEOPLE}),
    Role.PARTNER: frozenset({Duty.CARRYING, Duty.WEBHOOKS}),
}

ROLE_NAMES: dict[Role, LazyString] = {
    Role.ORGANISER: lazy_gettext("Organiser"),
    Role.EDITOR: lazy_gettext("Editor"),
    Role.MODERATOR: lazy_gettext("Moderator"),
    Role.EXPORTER: lazy_gettext("Exporter"),
    Role.OPERATOR: lazy_gettext("Operator"),
    Role.PARTNER: lazy_gettext("Partner"),
}
"""For people, in their language."""


def roles_with(duty: Duty) -> frozenset[Role]:
    return frozenset(role for role, duties in DUTIES.items() if duty in duties)
