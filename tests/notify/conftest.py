from collections.abc import Iterator

import pytest

from tests.notify.recorded import Recorded
from tests.notify.recorded import recorded as serving


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """A forge that expects what a test says, and nothing else."""
    with serving() as forge:
        yield forge
