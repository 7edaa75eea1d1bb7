"""A server with programmed responses, shared with the tests of notifications."""

from tests.notify.conftest import provider

__all__ = ["provider"]
