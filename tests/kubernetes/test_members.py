"""Each updatable member and each full spec of every kind, through the operator on a real API server."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.kinds import KINDS
from controller.operator.rbac import SECRETS
from controller.sandbox import Knobs
from controller.schema.contract import contract
from tests.journeys.remaining_resources import remaining_arns
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.cases import CASES
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.test_every_kind import expected_call
from tests.kubernetes.operator_process import ALL_KINDS, USER, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl, admin_requests
from tests.soak import soak

Document = dict[str, Any]
# What a run accepts only while it is active is changed on the virtual clock: tests/kinds/test_every_kind.py.
CHANGED = [kind for kind, case in CASES.items() if set(case.changes) - set(case.during)]
FULL = [
    each
    for kind in KINDS
    for each in ((kind, n) for n, _ in enumerate(full.specs(kind)))
    if each not in ENDLESS
]

_SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "given"}, "stringData": {"key": "hush"}}
_READS_SECRETS = {
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "secrets"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": SECRETS}, "subjects": [USER],
}  # fmt: skip
_FROM_SECRET = {"secretKeyRef": {"name": "given", "key": "key"}}


@pytest.fixture
def stage(kubectl: Kubectl, tmp_path: Path) -> Iterator[OperatorStage]:
    """An account in which an hour passes within seconds, and whose S3 holds a pipeline's definition."""
    knobs = Knobs(pace=2000, stored_definition='{"Version": "2020-12-01", "Steps": []}')
    with operator_stage(kubectl, tmp_path, knobs) as made:
        made.apply(_SECRET, _READS_SECRETS)
        made.start(kinds=ALL_KINDS, deletion_limit="0")
        yield made


def _parse_documents(*texts: str) -> list[Document]:
    return [_for_cluster(yaml.safe_load(each)) for each in texts]


def _for_cluster(value: Any) -> Any:
    """A document for a cluster: an environment variable becomes a Secret there."""
    if isinstance(value, dict):
        own = {name: _for_cluster(each) for name, each in value.items()}
        return {**own, "valueFrom": _FROM_SECRET} if "env" in (own.get("valueFrom") or ()) else own
    return [_for_cluster(each) for each in value] if isinstance(value, list) else value


def _wait_until_ready(stage: OperatorStage, *documents: Document) -> None:
    for each in documents:
        kind, name = each["kind"], each["metadata"]["name"]
        try:
            wait_until(partial(stage.is_ready, kind, name))
        except AssertionError as error:
            raise AssertionError(f"{kind}/{name}: {stage.condition(kind, name)}") from error


def _delete_and_check(stage: OperatorStage, *documents: Document) -> None:
    """Delete the objects, confirmed by name, and check that nothing but records is left."""
    for each in documents:
        stage.annotate(each["kind"], each["metadata"]["name"], confirm_deletion="Delete")
        path = stage.kubectl.path(each["kind"], each["metadata"]["name"])
        assert admin_requests(stage.kubectl.access).send("DELETE", path).accepted
    wait_until(lambda: stage.gone(*documents))
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", ["Image", *soak(*(each for each in CHANGED if each != "Image"))])
def test_each_member_is_one_update(stage: OperatorStage, kind: str) -> None:
    """Each in turn: Ready before, one call that changes the account, Ready after."""
    case = CASES[kind]
    needs = _parse_documents(*case.needs)
    for member in (each for each in case.changes if each not in case.during):
        before, after = _parse_documents(*(case.document(kind, text) for text in case.changes[member]))
        stage.apply(*needs, before)
        _wait_until_ready(stage, *needs, before)
        made = len(stage.changes())
        stage.apply(after)
        _wait_until_ready(stage, after)
        assert stage.changes()[made:] == [expected_call(contract(kind), member)], member
        _delete_and_check(stage, *needs, after)


@pytest.mark.parametrize(("kind", "number"), [FULL[0], *soak(*FULL[1:], names=2)])
def test_a_full_spec_gets_ready(stage: OperatorStage, kind: str, number: int) -> None:
    """Every member is kept by the API server, sent and read back; a further pass changes nothing."""
    needs = _parse_documents(*dependencies_of(kind, number))
    document: Document = {
        "apiVersion": "sagemaker.gitops.dev/v1alpha1", "kind": kind, "metadata": {"name": "full"},
        "spec": _for_cluster(list(full.specs(kind))[number]),
    }  # fmt: skip
    stage.apply(*needs, document)
    _wait_until_ready(stage, *needs, document)
    made = len(stage.changes())
    stage.annotate(kind, "full", reconcile_at="again")
    wait_until(lambda: stage.get(kind, "full")["status"].get("lastHandledReconcileAt") == "again")
    assert stage.changes()[made:] == []
    _delete_and_check(stage, *needs, document)
