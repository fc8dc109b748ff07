"""Whose an endpoint of webhooks is that belongs to a partner."""

KIND = "partner"
"""As webhooks call this kind of owner."""


def owner(slug: str) -> str:
    """The owner of this partner's endpoints."""
    return f"{KIND}:{slug}"


def slug_of(owner: str) -> str | None:
    """The partner whose this is; None where it is no partner's."""
    kind, _, slug = owner.partition(":")
    return slug if kind == KIND else None
