"""A server that answers as it is told, as the tests of notifications have it."""

from tests.notify.conftest import recorded

__all__ = ["recorded"]
