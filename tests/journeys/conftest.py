from pathlib import Path

import pytest

from controller.engine.order import Order
from tests.journeys.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account and an empty inventory."""
    return Stage(tmp_path)


@pytest.fixture
def parallel(stage: Stage) -> None:
    """A stage that makes as many calls at once as the command line does."""
    stage.concurrency = Order.concurrency
