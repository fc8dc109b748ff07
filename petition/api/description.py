"""The OpenAPI description of the API: written beside its views, and compared with them by tests."""

from functools import cache
from typing import Any

from petition.api.operations import OPERATIONS
from petition.api.schemas import GIVEN
from petition.api.schemas_posted import POSTED
from petition.version import VERSION

SECURITY = {
    "partnerKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A partner’s key, made in the console or by petition partners. It is shown once.",
    }
}


@cache
def describe(server: str) -> dict[str, Any]:
    """The whole description of the API at this address."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Declarations and their signatures",
            "version": VERSION,
            "summary": "What the pages show, for programs; and the way in for a partner’s own form.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "paths": OPERATIONS,
        "components": {"schemas": {**GIVEN, **POSTED}, "securitySchemes": SECURITY},
    }
