"""Applications with a database of their own, for tests that run in parallel; a declaration that asks for sectors."""

import pytest
from flask import Flask

from tests.signatures import steps
from tests.standing import app_templates, make_app

__all__ = ["app_templates", "make_app", "sectors"]


@pytest.fixture
def sectors(app: Flask) -> None:
    """The declaration asks, in this test, to which sector one belongs."""
    declaration = steps.declaration()
    plan = declaration.stored_plan
    declaration.stored_plan = {**plan, "fields": {**plan["fields"], "sector": "optional"}}
    steps.forget_texts(app)
