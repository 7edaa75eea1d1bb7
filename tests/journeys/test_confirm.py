"""``policy.deletion: Confirm``: no deletion without a person's confirmation."""

import pytest

from controller.core.phase import Action, Convergence
from controller.engine.plan import Confirmation
from controller.kinds import KINDS, Impact
from tests.journeys import standalone_documents
from tests.journeys.documents import GROUP, pipeline
from tests.journeys.stage import Stage, acting_steps
from tests.kinds.cases import CASES

REQUESTS = "policy: {deletion: Confirm}\n"


def test_a_deletion_waits_for_its_confirmation(stage: Stage) -> None:
    """Row 42: only this deletion is blocked, by its name; the confirmation with the right number executes it."""
    other = pipeline().replace("name: train", "name: other")
    stage.apply(GROUP, pipeline() + REQUESTS, other)
    held = stage.apply(GROUP, prune=True)
    assert held.convergence is Convergence.STUCK
    (required,) = held.plan.confirmations
    assert "policy.deletion of Pipeline/train is Confirm" in required.message
    assert stage.mutations().count("DeletePipeline") == 1  # the one that needs no confirmation
    assert stage.apply(GROUP, prune=True, confirm_deletes=2).convergence is Convergence.STUCK
    assert stage.apply(GROUP, prune=True, confirm_deletes=1).convergence is Convergence.SETTLED
    assert stage.mutations().count("DeletePipeline") == 2


def test_confirmation_by_name_and_deletion_limit_share_one_number(stage: Stage) -> None:
    """Row 42: a named confirmation and the deletion limit are one block with one number."""
    many = [pipeline().replace("name: train", f"name: p{n}") + REQUESTS for n in range(5)]
    stage.apply(GROUP, *many)
    (required,) = stage.plan(GROUP, prune=True).confirmations
    assert "5 deletions" in required.message
    assert stage.apply(GROUP, prune=True, confirm_deletes=5).convergence is Convergence.SETTLED


def _deletion_loses_data(kind: str) -> bool:
    """Whether a kind's row declares that its deletion causes an outage or loses data."""
    losses = (Impact.INTERRUPTS, Impact.LOSES)
    return any(
        Action.DELETE in each.on and each.impact in losses for each in KINDS[kind].lifecycle.consequences
    )


def test_kinds_whose_deletion_needs_a_confirmation_by_name() -> None:
    """The deletion of an endpoint causes an outage, that of a feature group loses data; other rows declare the same."""
    assert {kind for kind in KINDS if _deletion_loses_data(kind)} == {
        "App",
        "Cluster",
        "ClusterSchedulerConfig",
        "ComputeQuota",
        "Domain",
        "Endpoint",
        "FeatureGroup",
        "FlowDefinition",
        "Image",
        "InferenceComponent",
        "InferenceRouter",
        "MlflowApp",
        "MlflowTrackingServer",
        "ModelCard",
        "NotebookInstance",
        "PartnerApp",
        "Project",
        "Space",
        "UserProfile",
        "Workteam",
    }


@pytest.mark.parametrize(
    "kind", [kind for kind, row in KINDS.items() if not row.lifecycle.runs and not row.lifecycle.shared]
)
def test_deletions_with_outage_or_data_loss_need_a_confirmation_by_name(stage: Stage, kind: str) -> None:
    """Pruned or destroyed as a part of a set, each kind needs a confirmation by name exactly if its row declares it."""
    case = CASES[kind]
    text = case.frozen[0] or next((pair[0] for pair in case.changes.values()), "")
    document, beside = case.document(kind, text), (*case.needs, action_document("beside"))
    assert stage.apply(*beside, document).convergence is Convergence.SETTLED
    ident = f"{kind}/{case.name}"
    for plan in (
        stage.plan(*beside, prune=True),
        stage.plan(*beside, prune=True, confirm_deletes=1),
        stage.plan(document, destroy=True)
        if not case.needs
        else stage.plan(*case.needs, document, destroy=True),
    ):
        requested = {
            each
            for required in plan.confirmations
            if required.confirmation is Confirmation.NAME
            for each in required.deletions
        }
        assert (ident in requested) is _deletion_loses_data(kind), plan.confirmations
        assert _deletion_loses_data(kind) or ident in acting_steps(plan)
    named = frozenset({ident})
    assert ident in acting_steps(stage.plan(*beside, prune=True, confirm_delete=named))
    assert ident in acting_steps(stage.plan(*case.needs, document, destroy=True, confirm_delete=named))
    assert ident in acting_steps(
        stage.plan(*beside, document, destroy=True, confirm_delete=frozenset({f"{kind}/x"}))
    )


def action_document(name: str) -> str:
    """A document that is independent of the others of a set."""
    return standalone_documents.ACTION.replace("name: approval", f"name: {name}")
