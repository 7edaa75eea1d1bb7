"""The health of an object in other tools: kstatus (Flux, kpt) by its own code, Argo CD by its own Lua."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.core.reason import RECONCILE_STATES, RETRIED, Reason, ReconcileState, reconcile_state
from controller.crds.catalog import SYNC
from controller.crds.status import UNOBSERVED
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION, GROUP
from controller.operator.argocd import argocd_text, health, script
from controller.operator.cached_object import item
from controller.operator.conditions import conditions_of, status_of
from controller.operator.outcome import Verdict
from tests.health.rig.program import ObjectHealth, evaluate_health, program
from tests.kubernetes.documents import group
from tests.operator.objects import as_served, ref_of
from tests.programs.required_programs import require
from tests.repo.files import ROOT

Judge = Callable[..., list[ObjectHealth]]
_KSTATUS = {
    ReconcileState.SETTLED: "Current",
    ReconcileState.MOVING: "InProgress",
    ReconcileState.RETRIED: "InProgress",
    ReconcileState.HELD: "InProgress",  # of an object that is not being deleted, which no verdict has
    ReconcileState.WAITING: "Failed",
    ReconcileState.PAUSED: "Current",
    ReconcileState.STUCK: "Failed",
}
_GENERATION = 3


@pytest.fixture(scope="session")
def health_of(request: pytest.FixtureRequest) -> Judge:
    """Return the health of objects by kstatus and the health script."""
    path: Path = require(program, request.config)
    return lambda *objects, lua="": evaluate_health(path, objects, lua or script())


def _object_with_status(status: Mapping[str, Any], kind: str = "", **metadata: Any) -> dict[str, Any]:
    value = as_served(group(), generation=_GENERATION)
    return {
        **value,
        "kind": kind or value["kind"],
        "metadata": {**value["metadata"], **metadata},
        "status": dict(status),
    }


def _status(reason: Reason) -> dict[str, Any]:
    value = _object_with_status({})
    return status_of(
        item(ref_of(value), value, None), Verdict(reason, "told", synced=None), None, "2026-01-31T12:00:00Z"
    )


@pytest.mark.parametrize("reason", RECONCILE_STATES)
def test_each_reason_is_read_as_meant(health_of: Judge, reason: Reason) -> None:
    """Kstatus and Argo CD interpret every reason as in the table, and show reason and message."""
    (found,) = health_of(_object_with_status(_status(reason)))
    assert found.kstatus == _KSTATUS[reconcile_state(reason)]
    assert found.argocd == health(reconcile_state(reason))
    assert found.text == f"{reason.value}: told"


@pytest.mark.parametrize("reason", RECONCILE_STATES)
def test_an_object_that_is_being_deleted_is_terminating(health_of: Judge, reason: Reason) -> None:
    """For as long as the finalizer stays, whatever the reason."""
    (found,) = health_of(_object_with_status(_status(reason), deletionTimestamp="2026-01-31T12:00:00Z"))
    assert found.kstatus == "Terminating"


def test_a_new_object_is_in_progress(health_of: Judge) -> None:
    """Neither a new object, nor one with an inventory alone, nor a changed spec is Current or Healthy."""
    ready = _status(Reason.READY)
    unseen = [
        _object_with_status({"observedGeneration": UNOBSERVED}),
        _object_with_status({"observedGeneration": UNOBSERVED, "memory": {"format": 2}}),
        *(
            _object_with_status({**_status(reason), "observedGeneration": _GENERATION - 1})
            for reason in RECONCILE_STATES
        ),
    ]
    assert {(each.kstatus, each.argocd) for each in health_of(*unseen)} == {("InProgress", "Progressing")}
    assert [(each.kstatus, each.argocd) for each in health_of(_object_with_status(ready))] == [
        ("Current", "Healthy")
    ]


def test_retried_reasons_are_not_stalled(health_of: Judge) -> None:
    """A wait does not fail for what workers retry, and does not continue for what a person must do."""
    retried = health_of(*(_object_with_status(_status(reason)) for reason in RETRIED))
    assert {each.kstatus for each in retried} == {"InProgress"}
    waits = (Reason.PLANNED, Reason.OFF, Reason.SUSPENDED)
    assert "InProgress" not in {
        each.kstatus for each in health_of(*(_object_with_status(_status(each)) for each in waits))
    }


def test_every_kind_and_every_reason_is_in_the_table(health_of: Judge) -> None:
    """All kinds have a key of their own with one script, which treats each kind alike."""
    import yaml

    data = yaml.safe_load(argocd_text())["data"]
    kinds = [*KINDS, SYNC.kind]
    assert set(data) == {f"resource.customizations.health.{GROUP}_{kind}" for kind in kinds}
    for kind in kinds:
        lua = data[f"resource.customizations.health.{GROUP}_{kind}"]
        objects = [_object_with_status(_status(reason), kind, name="one") for reason in RECONCILE_STATES]
        assert {each["apiVersion"] for each in objects} == {API_VERSION}
        assert [each.argocd for each in health_of(*objects, lua=lua)] == [
            health(reconcile_state(reason)) for reason in RECONCILE_STATES
        ]


def test_a_reason_of_a_newer_operator_is_judged_by_its_conditions(health_of: Judge) -> None:
    """For an unknown reason the script uses the conditions Stalled and Ready."""
    reasons = {"Degraded": Reason.FAILED, "Healthy": Reason.READY, "Progressing": Reason.DENIED}
    for desired, reason in reasons.items():
        status = _status(reason)
        status["conditions"] = [{**each, "reason": "Unheard"} for each in status["conditions"]]
        assert [each.argocd for each in health_of(_object_with_status(status))] == [desired]


def test_the_patch_is_in_step() -> None:
    """``deploy/argocd/argocd-cm.yaml`` is what ``sagectl crds --argocd`` writes."""
    assert (ROOT / "deploy" / "argocd" / "argocd-cm.yaml").read_text(encoding="utf-8") == argocd_text()


def test_a_gitsync_uses_the_same_table(health_of: Judge) -> None:
    """A GitSync's conditions come from the same function as those of objects."""
    value = _object_with_status({}, SYNC.kind)
    value["spec"] = {"source": {"url": "https://git.example.com/ml"}}
    for reason in RECONCILE_STATES:
        document = conditions_of(
            item(ref_of(value), value, None), Verdict(reason, "told"), "2026-01-31T12:00:00Z"
        )
        (found,) = health_of({**value, "status": document})
        assert (found.kstatus, found.argocd) == (
            _KSTATUS[reconcile_state(reason)],
            health(reconcile_state(reason)),
        )
