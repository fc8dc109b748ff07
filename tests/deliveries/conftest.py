"""Applications with a database of their own, for what has to commit for real."""

from tests.standing import app_templates, make_app, site

__all__ = ["app_templates", "make_app", "site"]
