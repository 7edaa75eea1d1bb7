"""Resources of an object under a former AWS name, if no definition refuses the change."""

from pathlib import Path

from controller.core.phase import Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.scope import TargetSelection
from controller.operator.outcome import verdict
from tests.journeys.documents import endpoint, serving
from tests.journeys.stage import Stage


def test_a_changed_name_deletes_nothing_and_is_reported(tmp_path: Path) -> None:
    """Ready names the resource that is left behind; the deletion of the object deletes both."""
    stage, ref = Stage(tmp_path), Ref("Endpoint", "fraud")
    alone = TargetSelection(frozenset({ref}), alone=True)
    stage.apply(*serving()[:2], endpoint("endpointName: live-a"))
    stage.apply(*serving()[:2], endpoint("endpointName: live-b"), choice=alone)
    report = stage.reconcile(*serving()[:2], endpoint("endpointName: live-b"), choice=alone)
    current_verdict = verdict(report, ref)
    assert current_verdict.reason is Reason.READY
    assert "'live-a' exists under the previous name" in current_verdict.message
    assert "DeleteEndpoint" not in stage.mutations()
    assert stage.destroy(choice=alone).convergence is Convergence.SETTLED
    assert stage.mutations().count("DeleteEndpoint") == 2
