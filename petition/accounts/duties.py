"""Roles that are given to people, and the duties that each of them brings."""

from enum import StrEnum

from flask_babel import LazyString, lazy_gettext


class Role(StrEnum):
    ORGANISER = "organiser"
    EDITOR = "editor"
    MODERATOR = "moderator"
    EXPORTER = "exporter"
    OPERATOR = "operator"


class Duty(StrEnum):
    """What a staff page asks for; each page asks for one."""

    WATCH = "watch"
    TEXTS = "texts"
    SIGNATURES = "signatures"
    DELIVERIES = "deliveries"
    ACCOUNTS = "accounts"


DUTIES: dict[Role, frozenset[Duty]] = {
    Role.ORGANISER: frozenset({Duty.WATCH, Duty.TEXTS, Duty.SIGNATURES, Duty.DELIVERIES}),
    Role.EDITOR: frozenset({Duty.WATCH, Duty.TEXTS}),
    Role.MODERATOR: frozenset({Duty.WATCH, Duty.SIGNATURES}),
    Role.EXPORTER: frozenset({Duty.WATCH, Duty.DELIVERIES}),
    Role.OPERATOR: frozenset({Duty.ACCOUNTS}),
}

ROLE_NAMES: dict[Role, LazyString] = {
    Role.ORGANISER: lazy_gettext("Organiser"),
    Role.EDITOR: lazy_gettext("Editor"),
    Role.MODERATOR: lazy_gettext("Moderator"),
    Role.EXPORTER: lazy_gettext("Exporter"),
    Role.OPERATOR: lazy_gettext("Operator"),
}
"""For people, in their language."""


def roles_with(duty: Duty) -> frozenset[Role]:
    return frozenset(role for role, duties in DUTIES.items() if duty in duties)
