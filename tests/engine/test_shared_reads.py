"""Shared reads of deletions: the number of calls, and the changes that they must detect."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from controller.core.cloud import Call, CloudError, Fault
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import OWNER, PROTECT
from controller.engine.plan import Step
from controller.engine.preconditions import still_in_use
from controller.engine.shared_reads import DESCRIBED, FREE, LISTED, SharedReads
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.shape import required_operation
from tests.journeys.documents import IMAGE, ROLE
from tests.journeys.stage import Stage, document_text
from tests.operator.clock import StepClock

CONFIGS, ENDPOINTS = contract("EndpointConfig"), contract("Endpoint")


def model(name: str) -> str:
    """A model."""
    return document_text(
        "Model", name, f"modelName: {name}\nexecutionRoleArn: {ROLE}\nprimaryContainer: {{image: {IMAGE}}}"
    )


def config(name: str, uses: str) -> str:
    """A configuration of one variant."""
    variant = f"{{variantName: v, modelName: {uses}, initialInstanceCount: 1, instanceType: ml.m5.large}}"
    return document_text(
        "EndpointConfig", name, f"endpointConfigName: {name}\nproductionVariants: [{variant}]"
    )


def fleet_documents(count: int) -> list[str]:
    """A number of models, one configuration for every ten of them, and its endpoint."""
    stacks = [
        text
        for number in range(0, count, 10)
        for text in (
            config(f"c{number}", f"m{number}"),
            document_text("Endpoint", f"e{number}", f"endpointConfigName: c{number}"),
        )
    ]
    return [*(model(f"m{number}") for number in range(count)), *stacks]


def create_stage(folder: Path, *documents: str) -> Stage:
    """A stage with documents applied."""
    folder.mkdir()
    stage = Stage(folder)
    stage.apply(*documents)
    return stage


def listed_names(stage: Stage, reads: SharedReads, of: Any = CONFIGS) -> set[str]:
    """The names that a List shows through shared reads."""
    found = reads.list_elements(stage.cloud(), required_operation(of.lists.name), {})
    return {of.named_in(each) for each in found}


def describe_all(stage: Stage, reads: SharedReads, of: Any) -> dict[str, Any]:
    """The bodies of all resources of a kind through shared reads."""
    summaries = reads.list_elements(stage.cloud(), required_operation(of.lists.name), {})
    return {name: live.body for name, live in reads.describe_each(stage.cloud(), of, summaries) if live}


def call_counts(stage: Stage) -> Counter[str]:
    """The number of calls of each operation."""
    return Counter(record.operation for record in stage.sandbox.calls)


def test_the_calls_of_a_destroy_grow_with_the_resources(tmp_path: Path) -> None:
    """Each resource costs its Delete and its ListTags; proofs cost pages and one Describe of each possible user."""
    counted = {}
    for count in (20, 80):
        documents = fleet_documents(count)
        stage = create_stage(tmp_path / str(count), *documents)
        stage.forget_calls()
        stage.destroy(*documents)
        assert not stage.sandbox.resources()
        per = call_counts(stage)
        assert per["DescribeEndpointConfig"] <= 5 * count / 10
        counted[count] = sum(per.values()) / len(documents)
    assert counted[80] <= counted[20]
    assert counted[80] <= 5


def test_a_list_is_read_again_after_a_moment(tmp_path: Path) -> None:
    """A foreign creation is detected by a proof that begins after the shared List expired."""
    now = StepClock(0.0)
    stage, reads = create_stage(tmp_path / "a", model("m"), config("c", "m")), SharedReads(now)
    assert listed_names(stage, reads) == {"c"}
    Stage(tmp_path, stage.sandbox, set="other").apply(model("k"), config("d", "k"))
    now.at += LISTED
    assert listed_names(stage, reads) == {"c"}
    now.at += 0.001
    assert listed_names(stage, reads) == {"c", "d"}


def test_reads_of_a_plan_are_no_proof_at_its_apply(tmp_path: Path) -> None:
    """Changes begin with new Lists, however recent those of the plan; passes of several objects share theirs."""
    stage = create_stage(tmp_path / "a", model("m"), config("c", "m"))
    own, shared = SharedReads(StepClock(0.0)), SharedReads(StepClock(0.0), waits=False)
    for reads in (own, shared):
        listed_names(stage, reads)
    Stage(tmp_path, stage.sandbox, set="other").apply(model("k"), config("d", "k"))
    for reads in (own, shared):
        reads.begin_changes()
    assert listed_names(stage, own) == {"c", "d"}
    assert listed_names(stage, shared) == {"c"}


def test_an_immutable_resource_is_described_once(tmp_path: Path) -> None:
    """A configuration refers to what it referred to at creation; recreated under its name it is described again."""
    now = StepClock(0.0)
    stage, reads = create_stage(tmp_path / "a", model("m"), model("k"), config("c", "m")), SharedReads(now)
    stage.forget_calls()
    for _ in range(3):
        describe_all(stage, reads, CONFIGS)
        now.at += 1000
    assert call_counts(stage)["DescribeEndpointConfig"] == 1
    stage.client().delete_endpoint_config(EndpointConfigName="c")
    stage.wait(60)
    variant = {
        "VariantName": "v",
        "ModelName": "k",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    stage.client().create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    (body,) = describe_all(stage, reads, CONFIGS).values()
    assert body["ProductionVariants"][0]["ModelName"] == "k"


def test_a_changed_resource_is_described_again(tmp_path: Path) -> None:
    """An endpoint whose List shows another time is read again at once; one with the same time after a while."""
    now = StepClock(0.0)
    documents = (
        model("m"),
        config("c", "m"),
        config("d", "m"),
        document_text("Endpoint", "e", "endpointConfigName: c"),
    )
    stage, reads = create_stage(tmp_path / "a", *documents), SharedReads(now)
    describe_all(stage, reads, ENDPOINTS)
    before = call_counts(stage)["DescribeEndpoint"]
    now.at += LISTED + 1
    describe_all(stage, reads, ENDPOINTS)
    assert call_counts(stage)["DescribeEndpoint"] == before
    now.at += DESCRIBED
    describe_all(stage, reads, ENDPOINTS)
    assert call_counts(stage)["DescribeEndpoint"] == before + 1
    stage.wait(60)
    stage.client().update_endpoint(EndpointName="e", EndpointConfigName="d")
    stage.wait(3600)
    now.at += LISTED + 1
    (body,) = describe_all(stage, reads, ENDPOINTS).values()
    assert body["EndpointConfigName"] == "d"


def test_a_refused_read_is_not_kept(tmp_path: Path) -> None:
    """A refused List proves nothing, and is read again by the next proof."""
    stage, reads = create_stage(tmp_path / "a", model("m"), config("c", "m")), SharedReads(StepClock(0.0))
    stage.sandbox.inject(InjectedFault.DENIED, operation="ListEndpointConfigs")
    with pytest.raises(CloudError) as refused:
        listed_names(stage, reads)
    assert refused.value.fault is Fault.DENIED
    assert listed_names(stage, reads) == {"c"}


def test_threads_share_a_read(tmp_path: Path) -> None:
    """Deletions that begin together read one List, and each user once, for all of them."""
    stage, reads = create_stage(tmp_path / "a", *fleet_documents(40)), SharedReads(StepClock(0.0))
    before = call_counts(stage)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: frozenset(describe_all(stage, reads, CONFIGS)), range(8)))
    assert set(map(len, found)) == {4}
    made_by_proofs = call_counts(stage) - before
    assert made_by_proofs == {"ListEndpointConfigs": 1, "DescribeEndpointConfig": 4}


def test_a_former_user_does_not_count(tmp_path: Path) -> None:
    """A resource is not kept for an outdated observation of a user: the user is read again before."""
    documents = (
        model("m"),
        config("c", "m"),
        config("d", "m"),
        document_text("Endpoint", "e", "endpointConfigName: c"),
    )
    stage, reads = create_stage(tmp_path / "a", *documents), SharedReads(StepClock(0.0), waits=False)
    arn = stage.client().describe_endpoint_config(EndpointConfigName="c")["EndpointConfigArn"]
    going = Step(
        "EndpointConfig/c",
        Ref("EndpointConfig", "", "c"),
        Action.DELETE,
        Reason.SUPERSEDED,
        "c",
        arn,
        proofs=("Endpoint",),
    )
    assert "Endpoint 'e'" in still_in_use(stage.cloud(), going, reads)
    stage.client().update_endpoint(EndpointName="e", EndpointConfigName="d")
    stage.wait(3600)
    assert still_in_use(stage.cloud(), going, reads) == ""


def group_documents(count: int) -> list[str]:
    """A number of groups of model packages."""
    return [document_text("ModelPackageGroup", f"g{number}", "{}") for number in range(count)]


def reads_for_deletion(stage: Stage, now: StepClock) -> tuple[SharedReads, list[str]]:
    """Reads in which everything in the inventory is about to be deleted, and the ARNs."""
    reads, entries = SharedReads(now), stage.inventory().entries
    for ref, entry in entries.items():
        reads.expect(ref.kind, entry.arn)
    return reads, [entry.arn for entry in entries.values()]


def test_tags_of_many_deletions_are_read_for_fifty_at_once(tmp_path: Path) -> None:
    """Shared tags expire like a List, and a foreign tag is detected after that."""
    now = StepClock(0.0)
    stage = create_stage(tmp_path / "a", *group_documents(60))
    reads, arns = reads_for_deletion(stage, now)
    stage.forget_calls()
    assert all((reads.tags(stage.cloud(), arn) or {}).get(OWNER) for arn in arns)
    assert call_counts(stage) == {"GetResources": 2}
    stage.client().add_tags(ResourceArn=arns[0], Tags=[{"Key": PROTECT, "Value": "true"}])
    now.at += LISTED
    assert PROTECT not in (reads.tags(stage.cloud(), arns[0]) or {})
    now.at += 0.001
    assert PROTECT in (reads.tags(stage.cloud(), arns[0]) or {})


def test_the_tagging_index_is_not_read_for_few_deletions_or_others(tmp_path: Path) -> None:
    """For nine, and for those not about to be deleted, ListTags is read; also if the index is refused."""
    stage = create_stage(tmp_path / "a", *group_documents(10))
    reads, arns = reads_for_deletion(stage, StepClock(0.0))
    assert reads.tags(stage.cloud(), f"{arns[0]}x") is None
    stage.sandbox.inject(InjectedFault.DENIED, operation="GetResources", times=None)
    assert reads.tags(stage.cloud(), arns[0]) is None
    stage.sandbox.clear_faults()
    few = SharedReads(StepClock(0.0))
    for arn in arns[:9]:
        few.expect("ModelPackageGroup", arn)
    assert few.tags(stage.cloud(), arns[0]) is None


@pytest.mark.parametrize(("count", "look"), [(10, "GetResources"), (3, "ListTags")])
def test_foreign_tags_after_the_plan_stop_deletions(tmp_path: Path, count: int, look: str) -> None:
    """Right before the last read one tag is removed and one resource protected: both stay, the rest is deleted."""
    documents = group_documents(count)
    stage = create_stage(tmp_path / "a", *documents)
    arns = [entry.arn for entry in stage.inventory().entries.values()]

    def before(call: Call) -> None:
        if call.operation == look and (look == "ListTags" or "ResourceARNList" in call.params):
            stage.before_call = lambda _: None
            stage.client().delete_tags(ResourceArn=arns[0], TagKeys=[OWNER])
            stage.client().add_tags(ResourceArn=arns[1], Tags=[{"Key": PROTECT, "Value": "true"}])

    stage.before_call = before
    stage.destroy(*documents, concurrency=1)
    left = stage.client().list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert {each["ModelPackageGroupArn"] for each in left} == set(arns[:2])


def test_a_complete_list_keeps_used_resources_only(tmp_path: Path) -> None:
    """Of several contexts one with a foreign association is kept; that costs one List and one with a filter."""
    documents = [
        document_text("Context", name, "contextType: run\nsource: {sourceUri: 's3://b/c'}") for name in "abc"
    ]
    stage = create_stage(tmp_path / "x", *documents)
    aws = stage.client()
    theirs = aws.create_artifact(ArtifactType="data", Source={"SourceUri": "s3://b/d"})["ArtifactArn"]
    mine = aws.describe_context(ContextName="b")["ContextArn"]
    aws.add_association(SourceArn=theirs, DestinationArn=mine)
    stage.forget_calls()
    report = stage.reconcile(*documents, destroy=True)
    kept = [outcome for outcome in report.outcomes if "must be deleted first" in outcome.message]
    assert [outcome.step.id for outcome in kept] == ["Context/b"]
    assert stage.mutations() == ["DeleteContext"] * 2
    assert call_counts(stage)["ListAssociations"] <= 4


def test_a_list_with_many_pages_is_narrowed_to_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read completely again during these deletions."""
    monkeypatch.setattr("controller.engine.shared_reads._PAGES", 0)
    stage = create_stage(tmp_path / "a", *group_documents(10))
    reads, _ = reads_for_deletion(stage, StepClock(0.0))
    stage.forget_calls()
    for _ in range(3):
        assert (
            reads.list_unless_large(stage.cloud(), required_operation("ListModelPackageGroups"), {}) is None
        )
    assert call_counts(stage) == {"ListModelPackageGroups": 1}


def _find_free_names(stage: Stage, reads: SharedReads, names: list[str]) -> tuple[list[str], int]:
    """The names of models that are shown to be free, of some, and the number of Lists read for that."""
    stage.forget_calls()
    free = [name for name in names if reads.is_free(stage.cloud(), contract("Model"), name)]
    return free, Counter(each.operation for each in stage.sandbox.calls)["ListModels"]


def test_names_read_together_share_a_list(tmp_path: Path) -> None:
    """The first few are described; of the others one List shows which are free, in any letter case."""
    stage, clock = Stage(tmp_path), StepClock(0.0)
    stage.apply(model("m0"))
    reads = SharedReads(clock, waits=False)
    names = [f"new{number}" for number in range(8)]
    assert _find_free_names(stage, reads, names) == (names[3:], 1)
    assert _find_free_names(stage, reads, ["m0", "M0", "other"]) == (["other"], 0)
    clock.at = FREE + 1
    assert _find_free_names(stage, reads, ["late"]) == ([], 0)  # long after the others: it is described


def test_a_list_of_names_is_read_again_after_a_while(tmp_path: Path) -> None:
    """The next List has foreign creations."""
    stage, clock = Stage(tmp_path), StepClock(0.0)
    reads = SharedReads(clock, waits=False)
    _find_free_names(stage, reads, [f"new{number}" for number in range(40)])
    stage.apply(model("m0"))
    assert _find_free_names(stage, reads, ["m0"]) == (["m0"], 0)  # its creation would be refused
    while clock.at <= FREE:
        clock.at += LISTED
        found = _find_free_names(stage, reads, ["m0"])
    assert found == ([], 1)


def test_a_list_that_is_long_or_refused_leaves_names_unknown(tmp_path: Path) -> None:
    """At most half as many pages as names are read; if the List is denied, each name is described."""
    stage, clock = Stage(tmp_path), StepClock(0.0)
    for number in range(250):
        stage.client().create_model(
            ModelName=f"m{number}", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
        )
    names = [f"new{number}" for number in range(9)]
    free, lists = _find_free_names(stage, SharedReads(clock, waits=False), names)
    # Two pages and the third that was one too many, then all three.
    assert (free, lists) == (names[8:], 3 + 3)
    stage.sandbox.inject(InjectedFault.DENIED, operation="ListModels", times=None)
    assert _find_free_names(stage, SharedReads(clock, waits=False), names)[0] == []


@pytest.mark.parametrize("accepted", [False, True])
def test_an_ended_deletion_counts_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, accepted: bool
) -> None:
    """When all deletions have ended, a later one is no batch, and a long List is tried once more."""
    monkeypatch.setattr("controller.engine.shared_reads._PAGES", 0)
    stage = create_stage(tmp_path / "a", *group_documents(10))
    now = StepClock(0.0)
    reads, arns = reads_for_deletion(stage, now)
    assert reads.list_unless_large(stage.cloud(), required_operation("ListModelPackageGroups"), {}) is None
    for arn in arns:
        assert reads.is_batch("ModelPackageGroup")
        if accepted:
            reads.note_deletion("ModelPackageGroup", arn)
        reads.end_deletion(arn)
    assert not reads.is_batch("ModelPackageGroup")
    assert reads.tags(stage.cloud(), arns[0]) is None
    now.at += 2 * LISTED
    stage.forget_calls()
    assert reads.list_unless_large(stage.cloud(), required_operation("ListModelPackageGroups"), {}) is None
    assert call_counts(stage) == {"ListModelPackageGroups": 1}
