"""Applications with a database of their own, for what has to commit for real."""

import pytest
from flask import Flask

from petition import create_app
from tests import make
from tests.standing import app_templates, make_app

__all__ = ["app_templates", "make_app", "site"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application without its database: the parts of a delivery are made from the staging file alone."""
    return create_app(make.settings(tmp_path_factory.mktemp("site")))
