"""A quiet pass costs List pages; a foreign change is detected by the next pass, or after the interval."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.ref import Ref
from controller.engine.bulk_reads import ChangeSign, change_sign, lists_changes
from controller.engine.plan import SecretUse
from controller.engine.shared_reads import SharedReads
from controller.inventory.observation_cache import ObservationCache, ObservationFile
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import IMAGE, ROLE
from tests.journeys.stage import Stage, document_text, full_stage
from tests.kinds.cases import CASES
from tests.kinds.sample import covering_kinds, walk
from tests.soak import soak

START = 1_800_000_000.0  # seconds since 1970
HOUR = 3600.0


def open_observations(stage: Stage) -> ObservationCache:
    """The cache of earlier runs, opened again as in each run of a program; a warning fails the test."""

    def warn(message: str) -> None:
        raise AssertionError(message)

    return ObservationCache(ObservationFile(stage.folder / "inventory.json.observed"), warn)


@pytest.fixture(autouse=True)
def _one_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Lists be read for one resource too: a case has one of its kind."""
    monkeypatch.setattr("controller.engine.bulk_reads.FEWEST", 1)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A stage whose account takes the cases of every kind."""
    return full_stage(tmp_path)


def observe_resources(stage: Stage, *documents: str, **order: Any) -> dict[Ref, Any]:
    """The resource of each document as a pass without changes observes it; None if it does not exist."""
    observed = stage.reconcile(*documents, consent=False, **order).observed
    assert observed is not None
    assert not observed.errors
    return {ref: (live.body, live.tags, live.phase) for ref, live in observed.live.items()}


def observe_with_cache(stage: Stage, *documents: str, later: float = 0.0) -> dict[Ref, Any]:
    """The same in a run with the observations of earlier runs, ``later`` seconds later."""
    at = START + stage.seconds + later
    return observe_resources(
        stage, *documents, observations=open_observations(stage), observation_interval=HOUR, at=at
    )


def settle_and_observe(stage: Stage, *documents: str) -> dict[Ref, Any]:
    """Settle the documents, observe them twice, let time pass, and return the observations."""
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    stage.wait(90)
    first = observe_with_cache(stage, *documents)
    assert observe_with_cache(stage, *documents) == first
    stage.wait(90)
    return first


def case_documents(kind: str, more: str = "") -> tuple[str, ...]:
    """The documents of a kind's case."""
    case = CASES[kind]
    member = next(iter(case.changes.values()), case.frozen)[0]
    return (*case.needs, case.document(kind, f"{member}\n{more}"))


def call_as_other_client(stage: Stage, calls: Iterable[Call]) -> None:
    """Make calls by another client, and let time pass."""
    for call in calls:
        client = stage.client(call.service)
        getattr(client, xform_name(call.operation))(**_as_plain_data(call.params))
    stage.wait(HOUR / 2)


def _as_plain_data(value: Any) -> Any:
    if isinstance(value, SecretUse):
        return "somebody-elses-secret"
    if isinstance(value, Mapping):
        return {name: _as_plain_data(each) for name, each in value.items()}
    return [_as_plain_data(each) for each in value] if isinstance(value, list | tuple) else value


HIDDEN = frozenset({"ModelCard"})  # its content is sensitive, so that none of it is kept
LISTED = [
    kind  # possible overrides are read as well, to prove that there are none
    for kind in KINDS
    if lists_changes(kind) and kind not in HIDDEN and not KINDS[kind].lifecycle.overrides
]


@pytest.mark.parametrize("kind", walk(LISTED))
def test_a_quiet_pass_describes_nothing(stage: Stage, kind: str) -> None:
    """If the List shows whether a resource changed, an unchanged one is not described again."""
    documents, ref = case_documents(kind), Ref(kind, CASES[kind].name)
    was = settle_and_observe(stage, *documents)
    quiet = all(each.action is Action.NOOP for each in stage.plan(*documents).steps if each.ref == ref)
    stage.forget_calls()
    now = observe_with_cache(stage, *documents)
    called = [record.operation for record in stage.sandbox.calls]
    if quiet and now[ref] == was[ref]:  # a run may have ended meanwhile
        assert contract(kind).describes.name not in called
        assert called.count(getattr(contract(kind).lists, "name", "")) == 1


def test_an_earlier_observation_is_no_proof_of_a_deletion(stage: Stage) -> None:
    """Proofs of deletions use what this pass described, and nothing that an earlier run observed."""
    documents, ref = case_documents("Model"), Ref("Model", CASES["Model"].name)
    settle_and_observe(stage, *documents)
    for kept, noted in ((None, True), (open_observations(stage), False)):
        reads = SharedReads()
        observed = stage.reconcile(
            *documents, consent=False, observations=kept, at=START + stage.seconds, reads=reads
        ).observed
        assert observed is not None
        assert (("Model", observed.live[ref].name) in reads._bodies) is noted


CHANGES = [
    (kind, member) for kind, case in CASES.items() for member in case.changes if member not in case.during
]
FIRST = list({kind: (kind, member) for kind, member in reversed(CHANGES)}.values())


@pytest.mark.parametrize(
    "change", [*FIRST, *soak(*(each for each in CHANGES if each not in FIRST))], ids=".".join
)
def test_a_foreign_change_is_detected(stage: Stage, change: tuple[str, str]) -> None:
    """A foreign change of a member is detected by the next pass, or by the first one after the interval."""
    kind, member = change
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.changes[member])
    was = settle_and_observe(stage, *case.needs, before)
    call_as_other_client(
        stage, [call for each in stage.plan(*case.needs, after).acting for call in each.calls]
    )
    now = observe_resources(stage, *case.needs, before)
    assert now != was
    later = 0.0 if lists_changes(kind) else HOUR
    assert observe_with_cache(stage, *case.needs, before, later=later) == now


@pytest.mark.parametrize("kind", walk(kind for kind in KINDS if contract(kind).deletes))
def test_a_foreign_deletion_is_detected_at_once(stage: Stage, kind: str) -> None:
    """A resource that another user deleted is missing in the next pass, whatever its kind's List shows."""
    documents, ref = case_documents(kind), Ref(kind, CASES[kind].name)
    was = settle_and_observe(stage, *documents)
    steps = stage.plan(*documents, destroy=True, confirm_delete=frozenset({str(ref)})).steps
    calls = [call for each in steps if each.ref == ref for call in each.calls]
    deletes = contract(kind).deletes
    assert deletes is not None
    name = stage.inventory().of(ref).name
    stage.wait(HOUR)  # a run's instances may be kept for the next one
    call_as_other_client(stage, calls or [deletes.call(contract(kind).address(deletes, name))])
    now = observe_resources(stage, *documents)
    assert now != was
    assert observe_with_cache(stage, *documents) == now


# A version has no tags; the other has AddTags elsewhere.
UNTAGGED = frozenset({"ModelPackage", "ScalingTarget"})


@pytest.mark.parametrize(
    "kind", walk(kind for kind in KINDS if contract(kind).taggable and kind not in UNTAGGED)
)
def test_a_foreign_tag_is_detected_at_once(stage: Stage, kind: str) -> None:
    """A foreign change of a tag is detected by the next pass, although the time of change does not show it."""
    documents = case_documents(kind)
    was = settle_and_observe(stage, *documents)
    arn = stage.inventory().of(Ref(kind, CASES[kind].name)).arn
    call_as_other_client(
        stage, [Call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "team", "Value": "other"}]})]
    )
    now = observe_resources(stage, *documents)
    assert now != was
    assert observe_with_cache(stage, *documents) == now


@pytest.mark.parametrize("change", [each for each in FIRST if each[0] in covering_kinds()], ids=".".join)
def test_a_resource_is_described_before_its_change(stage: Stage, change: tuple[str, str]) -> None:
    """No change relies on an earlier run: a Describe precedes it, a Describe or a List precedes a deletion."""
    kind, member = change
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.changes[member])
    settle_and_observe(stage, *case.needs, before)
    for was, documents, more in (
        (before, (*case.needs, after), {}),
        (after, case.needs, {"prune": True}),
    ):
        assert observe_with_cache(stage, *case.needs, was) == observe_with_cache(stage, *case.needs, was)
        stage.forget_calls()
        agreed = frozenset({f"{kind}/{case.name}"})
        at = START + stage.seconds
        stage.reconcile(
            *documents, observations=open_observations(stage), at=at, confirm_delete=agreed, **more
        )
        called = [record.operation for record in stage.sandbox.calls]
        changing = next((i for i, record in enumerate(stage.sandbox.calls) if record.mutating), len(called))
        looks = {contract(kind).describes.name}
        if more and lists_changes(kind):
            looks.add(getattr(contract(kind).lists, "name", ""))
        assert looks & set(called[:changing])
        stage.wait(HOUR)


MODEL = f"executionRoleArn: {ROLE}\nprimaryContainer:\n  image: '{IMAGE}'"


@pytest.mark.parametrize(
    "document",
    [
        document_text("Model", "m", f"{MODEL}\n  environment: {{TOKEN: {{valueFrom: {{env: SECRET}}}}}}"),
        document_text(
            "Model",
            "m",
            f"{MODEL}\n  environment: {{TOKEN: hush}}",
            "sensitive: [/primaryContainer/environment/TOKEN]",
        ),
        document_text(
            "ModelCard",
            "m",
            'content: \'{"model_overview": {"model_description": "hush"}}\'\nmodelCardStatus: Draft',
        ),
    ],
    ids=["reference", "policy", "model"],
)
def test_nothing_secret_is_kept(stage: Stage, document: str) -> None:
    """A resource that shows a secret, by its document or by the service model, is described in each pass."""
    settle_and_observe(
        stage, document, document_text("ModelPackageGroup", "other", "modelPackageGroupDescription: shown")
    )
    kept = (stage.folder / "inventory.json.observed").read_text()
    assert "hush" not in kept
    assert "shown" in kept


def test_a_value_that_becomes_secret_is_removed(stage: Stage) -> None:
    """A value that a document now gives by reference is removed from the file by the next plan."""
    literal, other = (
        f"{MODEL}\n  environment: {{TOKEN: hush}}",
        document_text("ModelPackageGroup", "other", "{}"),
    )
    settle_and_observe(stage, document_text("Model", "m", literal), other)
    file = stage.folder / "inventory.json.observed"
    assert "hush" in file.read_text()
    observe_with_cache(
        stage, document_text("Model", "m", literal.replace("hush", "{valueFrom: {env: SECRET}}")), other
    )
    assert "hush" not in file.read_text()


def test_a_refused_list_costs_describes(stage: Stage) -> None:
    """If the List is denied, everything is described, and the plan is the same."""
    documents = case_documents("Experiment")
    was = settle_and_observe(stage, *documents)
    stage.sandbox.inject(InjectedFault.DENIED, operation="ListExperiments")
    stage.forget_calls()
    assert observe_with_cache(stage, *documents) == was
    assert "DescribeExperiment" in [record.operation for record in stage.sandbox.calls]


def test_a_long_list_is_abandoned_and_not_tried_again(stage: Stage) -> None:
    """A List with more pages than it saves Describes is abandoned after as many, and not tried again."""
    documents = case_documents("Context")
    for count in range(201):
        source = {"SourceUri": "s3://bucket/x"}
        stage.client().create_context(ContextName=f"a{count}", Source=source, ContextType="other")
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    calls = []
    for _ in range(3):
        stage.forget_calls()
        observe_with_cache(stage, *documents)
        calls.append(Counter(record.operation for record in stage.sandbox.calls))
    assert [each["ListContexts"] for each in calls] == [0, 2, 0]
    assert [each["DescribeContext"] for each in calls] == [1, 1, 1]


def test_the_page_names_what_each_list_shows() -> None:
    """docs/performance.md has each kind in the row of what its List shows about changes."""
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    for how in ChangeSign:
        kinds = ", ".join(sorted(kind for kind in KINDS if change_sign(kind) is how))
        assert f"| {how.value} | {kinds} |" in page
