from itertools import chain
from pathlib import Path

import pytest
import yaml

from controller.kinds import KINDS
from tests.kubernetes.operator_process import ALL_KINDS, TIMEOUT, OperatorStage
from tests.repo.files import ROOT

FOLDERS = [str(ROOT / "examples" / name) for name in ("quickstart", "labeling")]


@pytest.mark.parametrize("order", [FOLDERS, FOLDERS[::-1]], ids=["quickstart-first", "labeling-first"])
def test_all_kinds_are_applied_in_any_order_and_deleted_at_once(
    stage: OperatorStage, order: list[str]
) -> None:
    """Row 56: ``kubectl apply`` ends with all Ready and no refused call; ``kubectl delete`` ends with nothing."""
    stage.start(kinds=ALL_KINDS)
    where = [f"-f={folder}" for folder in order]
    stage.kubectl.must("apply", *where)
    stage.ready()
    assert stage.refused() == []
    made = len(stage.changes())
    stage.kubectl.must("delete", *where, f"--timeout={TIMEOUT:.0f}s")
    assert stage.refused() == []
    assert list(stage.sandbox.resources()) == []
    _users_went_first(stage.changes()[made:])


def _users_went_first(deletes: list[str]) -> None:
    """Assert that each kind was deleted after the kinds that may use it."""
    at: dict[str, list[int]] = {}
    for number, operation in enumerate(deletes):
        at.setdefault(operation.removeprefix("Delete"), []).append(number)
    for kind, places in at.items():
        above = {link.to for link in KINDS[kind].identity.links} & set(at)
        assert all(max(places) < min(at[used]) for used in above), deletes


def test_kubectl_get_shows_the_state_and_sigterm_ends_the_operator(stage: OperatorStage) -> None:
    """``kubectl get`` shows readiness, AWS's status and name; SIGTERM ends without an error, the Lease is free."""
    stage.forked = False
    running = stage.start(kinds=ALL_KINDS)
    files = sorted(Path(FOLDERS[0]).glob("*.yaml"))
    stage.apply(*chain.from_iterable(yaml.safe_load_all(each.read_text(encoding="utf-8")) for each in files))
    stage.ready()
    table = stage.kubectl.must("get", "sagemaker")
    endpoint = next(line for line in table.splitlines() if line.startswith("endpoint."))
    assert endpoint.split()[1:6] == ["True", "True", "Ready", "InService", "fraud"]
    stage.stop()
    assert running.returncode == 0, stage.log().read_text(encoding="utf-8")[-2000:]
    holder = stage.kubectl.must("get", "lease", "sagemaker-gitops", "-o", "jsonpath={.spec.holderIdentity}")
    assert holder == ""
