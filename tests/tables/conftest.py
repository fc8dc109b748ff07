"""An application without its database: what is made here is made from the staging file alone."""

from tests.standing import site

__all__ = ["site"]
