"""Applications with a database of their own, for tests that run in parallel."""

from tests.standing import app_templates, make_app

__all__ = ["app_templates", "make_app"]
