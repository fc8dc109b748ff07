"""A declaration that asks for sectors, as the tests of signatures have it."""

from tests.signatures.conftest import sectors

__all__ = ["sectors"]
