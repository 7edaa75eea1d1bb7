"""Row 8: a hostile push is refused with a finding, and the applied state is kept."""

import pytest

from controller.core.cloud import Call
from controller.core.finding import Code
from tests.gitops.stage import Stage
from tests.soak import soak
from tests.source.git.hostile import DOCUMENTS, HOSTILE
from tests.source.git.repository import DOCUMENT

HARM = HOSTILE | DOCUMENTS
FEW = (
    "a link to a file",
    "a filter",
    "an LFS pointer",
    "names that differ by case",
    "a gigabyte",
    *DOCUMENTS,
)


@pytest.mark.parametrize("name", [*FEW, *soak(*(name for name in HARM if name not in FEW))], ids=str)
def test_a_hostile_push_changes_nothing(name: str, stage: Stage) -> None:
    """Row 8: refused with the finding's code; the last good revision stays applied, and a corrected push is applied."""
    good = stage.push({"good.yaml": DOCUMENT % "good"})
    stage.start(stage.sync(path="", prune=True))
    stage.wait(40)
    HARM[name].push(stage.repository)
    stage.wait(120)
    record = stage.record()
    assert all(Code[code].value in record.refused for code in HARM[name].codes)
    assert not record.is_applied
    stage.cloud.call(Call("DeleteModelPackageGroup", {"ModelPackageGroupName": "good"}))
    stage.wait(700)
    assert stage.mutations() == [
        "CreateModelPackageGroup",
        "DeleteModelPackageGroup",
        "CreateModelPackageGroup",
    ]
    applied = stage.record().applied
    assert applied is not None
    assert applied.revision == good
    stage.push({"good.yaml": DOCUMENT % "good", "more.yaml": DOCUMENT % "more"})
    stage.wait(150)
    assert stage.record().is_applied
