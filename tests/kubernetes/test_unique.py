"""Two objects of a resource that can exist once in the account, on a real API server."""

import time

import pytest
import yaml

from controller.kinds import KINDS
from controller.schema.names import lower_camel
from tests.journeys.tree import TREE
from tests.kinds import full
from tests.kubernetes.documents import document
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until

UNIQUE = [kind for kind, row in KINDS.items() if row.identity.unique is not None]


@pytest.mark.waits
def test_the_later_of_two_objects_is_invalid_until_the_first_is_gone(stage: OperatorStage) -> None:
    """Of each kind the account gets one resource; the later object is invalid (SG034) until the first is gone."""
    stage.kubectl.must(
        "create",
        "secret",
        "generic",
        "sign-in",
        "--from-literal=client=very-secret",
        "--from-literal=key=very-secret",
    )
    stage.start(kinds=ALL_KINDS)
    for kind in UNIQUE:
        spec = full.unique_least(kind)
        named = {link.to for link in KINDS[kind].identity.links if lower_camel(link.field) in spec}
        stage.apply(*(yaml.safe_load(TREE[each]) for each in named), document(kind, "first", spec))
        stage.ready()
        # Kubernetes writes creation times in whole seconds; of equally old objects the UID decides until the
        # watch has shown what the first one created, and the other then waits for its next try.
        time.sleep(1)
        stage.apply(document(kind, "second", spec))
        wait_until(lambda kind=kind: stage.reason(kind, "second") == "InvalidSpec")  # type: ignore[misc]
        message = stage.condition(kind, "second")["message"]
        assert "SG034" in message
        assert "/first" in message
        assert stage.reason(kind, "first") == "Ready"
        assert stage.changes().count(f"Create{kind}") == 1
        stage.kubectl.must("delete", f"{kind.lower()}.sagemaker.gitops.dev", "first", "--timeout=60s")
        wait_until(lambda kind=kind: stage.reason(kind, "second") == "Ready")  # type: ignore[misc]
    assert stage.refused() == []
