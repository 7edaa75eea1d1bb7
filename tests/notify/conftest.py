from collections.abc import Iterator

import pytest

from tests.notify.recorded import RecordedProvider
from tests.notify.recorded import serve_recorded as serving


@pytest.fixture
def provider() -> Iterator[RecordedProvider]:
    """A Git provider that expects only the requests that a test lists."""
    with serving() as forge:
        yield forge
