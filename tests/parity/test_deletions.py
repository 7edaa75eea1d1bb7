"""Decisions on deletions are the same for a pruning command, a push to a repository and ``kubectl delete``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from controller.core.ref import Ref
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, sandbox, server, shell  # noqa: F401 - fixtures
from tests.gitops.stage import Stage, group
from tests.journeys.stage import document_text
from tests.kinds.cases import CASES
from tests.kubernetes import documents
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

Json = dict[str, Any]
KEPT = group("kept")  # its document stays, so that a set is never empty
GROUP, FEATURES = "ModelPackageGroup", "FeatureGroup"  # the latter's deletion loses data
MANY = tuple(f"many-{number}" for number in range(5))  # more than the three that need no confirmation


class Outcome(Enum):
    """The result for a resource whose document is removed."""

    DELETED = "deleted"
    RETAINED = "retained"  # it stays in AWS, and nobody has to do anything
    HELD = "held"  # it stays, and the run, the sync or the object says why


@dataclass(frozen=True)
class Situation:
    """A deletion, the expected decision, and a word of each interface's reason if it is blocked."""

    outcome: Outcome
    policy: str = ""
    kind: str = GROUP
    confirmed: bool = False
    reason: str = ""


SITUATIONS: Mapping[str, Situation] = {
    "plain": Situation(Outcome.DELETED),
    "delete": Situation(Outcome.DELETED, "deletion: Delete"),
    "cascade": Situation(Outcome.DELETED, "deletion: Cascade"),
    "retain": Situation(Outcome.RETAINED, "deletion: Retain"),
    "retain-confirmed": Situation(Outcome.RETAINED, "deletion: Retain", confirmed=True),
    "confirm": Situation(Outcome.HELD, "deletion: Confirm", reason="policy.deletion"),
    "confirm-confirmed": Situation(Outcome.DELETED, "deletion: Confirm", confirmed=True),
    "protect": Situation(Outcome.HELD, "protect: true", reason="protect"),
    "protect-confirmed": Situation(Outcome.HELD, "protect: true", confirmed=True, reason="protect"),
    "protect-retain": Situation(Outcome.RETAINED, "{protect: true, deletion: Retain}"),
    "loss": Situation(Outcome.DELETED, kind=FEATURES, confirmed=True),
    "loss-confirm": Situation(
        Outcome.HELD, "deletion: Confirm", kind=FEATURES, reason="policy.deletion|records"
    ),
}


def _document(name: str) -> str:
    its = SITUATIONS[name]
    case = CASES[its.kind]
    spec = f"{case.spec}\n{case.frozen[0]}" if its.kind == FEATURES else "{}"
    return document_text(its.kind, name, spec, its.policy)


def _ref(name: str) -> Ref:
    return Ref(SITUATIONS[name].kind, name)


def _is_in_aws(name: str, account: Sandbox) -> bool:
    """Whether the resource is in AWS: its name ends the ARN."""
    return any(arn.rpartition("/")[2] == name for arn in account.resources())


def _gives_reason(name: str, message: str) -> bool:
    return any(word in message.lower() for word in SITUATIONS[name].reason.split("|"))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_pruning_command(name: str, shell: Shell, sandbox: Sandbox) -> None:  # noqa: F811 - fixtures
    """``sagectl apply --prune`` of a tree without the document, confirmed by name or not."""
    its = SITUATIONS[name]
    options = ("--yes", "--prune", "--poll", "0.05s")
    shell.write("tree/kept.yaml", KEPT)
    shell.write("tree/it.yaml", _document(name))
    made = shell.run("apply", "tree", *options)
    assert made.code == 0, made
    (shell.folder / "tree" / "it.yaml").unlink()
    confirmation = ("--confirm-delete", str(_ref(name))) if its.confirmed else ()
    ran = shell.run("apply", "tree", *options, *confirmation)
    assert _is_in_aws(name, sandbox) is (its.outcome is not Outcome.DELETED), ran
    assert bool(ran.code) is (its.outcome is Outcome.HELD), ran
    assert _gives_reason(name, ran.out + ran.err), ran


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_push(name: str, forge: Forge, repository: Repository, tmp_path: Any) -> None:
    """A commit that removes the document, its plan approved by the fingerprint or not."""
    its, stage = SITUATIONS[name], Stage(forge, repository, tmp_path / "sync")
    stage.push({"deploy/kept.yaml": KEPT, "deploy/it.yaml": _document(name)})
    stage.start(stage.sync(prune=True))
    stage.wait(600)
    assert stage.record().is_applied, stage.record()
    stage.push({"deploy/kept.yaml": KEPT})
    stage.wait(120)
    attempted = stage.record().attempted
    if its.confirmed and attempted is not None:
        stage.request(approved=attempted.fingerprint)
        stage.wait(120)
    record = stage.record()
    assert _is_in_aws(name, stage.sandbox) is (its.outcome is not Outcome.DELETED), record
    assert record.is_applied is (its.outcome is not Outcome.HELD), record
    assert _gives_reason(name, record.message), record


def test_objects(stage: OperatorStage) -> None:
    """``kubectl delete`` of the objects, annotated by a person or not; all in one namespace, below its limit."""
    stage.start(kinds=ALL_KINDS)
    texts = [_document(name).encode() for name in SITUATIONS]
    stage.apply(*(each.value for text in texts for each in read("a.yaml", text, Limits()).documents))
    stage.ready()
    for name, its in SITUATIONS.items():
        if its.confirmed:
            stage.annotate(its.kind, name, confirm_deletion="Delete")
    stage.kubectl.must("delete", "sagemaker", "--all", "--wait=false")
    for name, its in SITUATIONS.items():
        if its.outcome is Outcome.HELD:
            wait_until(lambda n=name, k=its.kind: stage.reason(k, n) in ("Planned", "Protected"))  # type: ignore[misc]
            message = stage.condition(its.kind, name)["message"]
            assert _gives_reason(name, message), (name, message)
        else:
            wait_until(lambda n=name, k=its.kind: not stage.get(k, n))  # type: ignore[misc]
    left = {name for name in SITUATIONS if _is_in_aws(name, stage.sandbox)}
    assert left == {name for name, its in SITUATIONS.items() if its.outcome is not Outcome.DELETED}


def _remaining_count(account: Sandbox) -> tuple[str, ...]:
    return tuple(name for name in MANY if _is_in_aws(name, account))


def test_more_than_the_limit_by_a_pruning_command(shell: Shell, sandbox: Sandbox) -> None:  # noqa: F811 - fixtures
    """Above the limit ``sagectl apply --prune`` deletes none of them; with their number confirmed, all."""
    options = ("--yes", "--prune", "--poll", "0.05s")
    shell.write("tree/kept.yaml", KEPT)
    for name in MANY:
        shell.write(f"tree/{name}.yaml", group(name))
    assert shell.run("apply", "tree", *options).code == 0
    for name in MANY:
        (shell.folder / "tree" / f"{name}.yaml").unlink()
    held = shell.run("apply", "tree", *options)
    assert (bool(held.code), _remaining_count(sandbox)) == (True, MANY), held
    assert "5" in held.out + held.err
    confirmed = shell.run("apply", "tree", *options, "--confirm-deletes", str(len(MANY)))
    assert (confirmed.code, _remaining_count(sandbox)) == (0, ()), confirmed


def test_more_than_the_limit_by_a_push(forge: Forge, repository: Repository, tmp_path: Any) -> None:
    """Above the limit a commit deletes none of them; with its plan approved, all."""
    stage = Stage(forge, repository, tmp_path / "sync")
    stage.push({"deploy/kept.yaml": KEPT, **{f"deploy/{name}.yaml": group(name) for name in MANY}})
    stage.start(stage.sync(prune=True))
    stage.wait(600)
    assert stage.record().is_applied, stage.record()
    stage.push({"deploy/kept.yaml": KEPT})
    stage.wait(120)
    held = stage.record()
    assert (held.is_applied, _remaining_count(stage.sandbox)) == (False, MANY), held
    assert "5" in held.message
    assert held.attempted is not None
    stage.request(approved=held.attempted.fingerprint)
    stage.wait(120)
    assert (stage.record().is_applied, _remaining_count(stage.sandbox)) == (True, ()), stage.record()


def test_more_objects_than_the_limit(stage: OperatorStage) -> None:
    """Above the limit ``kubectl delete`` deletes none of them; with each confirmed by its annotation, all."""
    stage.start(deletion_limit="3")
    stage.apply(*(documents.group(name=name) for name in MANY))
    stage.ready()
    stage.kubectl.must("delete", f"{GROUP.lower()}.sagemaker.gitops.dev", *MANY, "--wait=false")
    wait_until(lambda: all(stage.reason(GROUP, name) == "DeletionHeld" for name in MANY))
    assert _remaining_count(stage.sandbox) == MANY
    assert "5" in stage.condition(GROUP, MANY[0])["message"]
    for name in MANY:
        stage.annotate(GROUP, name, confirm_deletion="Delete")
    wait_until(lambda: not any(stage.get(GROUP, name) for name in MANY))
    assert _remaining_count(stage.sandbox) == ()


def test_the_default_policy_is_that_of_objects_and_of_documents(gitsync_stage: GitSyncStage) -> None:
    """``--deletion-policy Retain``: resources of documents without a policy stay in AWS, deleted or pruned."""
    stage = gitsync_stage.stage
    gitsync_stage.push({"deploy/kept.yaml": KEPT, "deploy/pushed.yaml": group("pushed")})
    gitsync_stage.prepare()
    stage.start(deletion_policy="Retain")
    stage.apply(documents.group(name="applied"))
    gitsync_stage.follow(prune=True)
    gitsync_stage.ready()
    stage.ready()
    revision = gitsync_stage.push({"deploy/kept.yaml": KEPT})
    stage.kubectl.must("delete", f"{GROUP.lower()}.sagemaker.gitops.dev", "applied", "--timeout=60s")
    gitsync_stage.request_poll()
    gitsync_stage.ready(revision=revision)
    assert _is_in_aws("applied", stage.sandbox)
    assert _is_in_aws("pushed", stage.sandbox)
    assert "DeleteModelPackageGroup" not in stage.changes()


def test_in_a_namespace_that_is_deleted_neither_an_object_nor_a_sync_deletes(
    gitsync_stage: GitSyncStage,
) -> None:
    """The deletion of a namespace deletes both: each is blocked until a person confirms for its resources."""
    stage = gitsync_stage.stage
    gitsync_stage.push({"deploy/pushed.yaml": group("pushed")})
    gitsync_stage.prepare()
    stage.start()
    stage.apply(documents.group(name="applied"))
    gitsync_stage.follow(prune=True, deletion="Delete")
    gitsync_stage.ready()
    stage.ready()
    stage.kubectl.within("").must("delete", "namespace", stage.kubectl.namespace, "--wait=false")
    kinds = f"{GROUP.lower()}.sagemaker.gitops.dev,gitsync"  # as the namespace controller does
    stage.kubectl.must("delete", kinds, "--all", "--wait=false")
    wait_until(lambda: stage.reason(GROUP, "applied") == gitsync_stage.reason() == "DeletionHeld")
    assert _is_in_aws("applied", stage.sandbox)
    assert _is_in_aws("pushed", stage.sandbox)
    assert "DeleteModelPackageGroup" not in stage.changes()
