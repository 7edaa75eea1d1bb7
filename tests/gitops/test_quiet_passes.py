"""A look for drift that finds nothing costs pages of Lists and tags."""

from collections import Counter

from controller.core.cloud import Call
from tests.gitops.stage import Stage, group


def test_a_quiet_look_for_drift_describes_nothing(stage: Stage) -> None:
    """After the first look, also of a process that was started again; what somebody deletes is seen all the same."""
    stage.push({f"deploy/{name}.yaml": group(name) for name in ("a", "b", "c")})
    stage.start(stage.sync())
    stage.wait(1300)
    for _ in range(2):
        stage.sandbox.clear_calls()
        stage.wait(1300)
        called = Counter(record.operation for record in stage.sandbox.calls)
        assert called["DescribeModelPackageGroup"] == 0
        assert called["ListModelPackageGroups"] == called["GetResources"] > 0
        stage.start(stage.sync())
    stage.cloud.call(Call("DeleteModelPackageGroup", {"ModelPackageGroupName": "b"}))
    stage.wait(1300)
    assert stage.mutations()[-1] == "CreateModelPackageGroup"
    assert stage.record().good
