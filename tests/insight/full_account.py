"""An account with a resource that has all optional members, for exports and conversions."""

from pathlib import Path

import pytest
import yaml

from controller.sandbox import Knobs, Sandbox
from tests.journeys.stage import HEAD, Stage
from tests.kinds import full
from tests.kinds.linked import needed


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    sandbox = Sandbox(knobs=Knobs(stored_definition='{"Version": "2020-12-01", "Steps": []}'))
    return Stage(tmp_path / "first", sandbox, {"SECRET": "hush"}, poll=120)


def create_full(stage: Stage, kind: str) -> None:
    """Create a resource of the kind with all optional members, and what it needs; all carry our tags."""
    spec = next(full.specs(kind))
    document = HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})
    stage.apply(*needed(kind), document, timeout=7200)
