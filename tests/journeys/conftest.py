from pathlib import Path

import pytest

from tests.journeys.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account and an empty memory."""
    return Stage(tmp_path)
