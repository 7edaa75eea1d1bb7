"""The recorded model and the rows against botocore itself."""

from collections.abc import Iterator
from dataclasses import astuple

import pytest
from botocore.loaders import Loader

from controller.core.cloud import Identity
from controller.core.path import Path
from controller.kinds import KINDS, SERVICES
from controller.schema.contract import contract, listed_kind
from controller.schema.kind_names import suffix_member
from controller.schema.record import RECORD, RecordError, join_models, operations_of, render
from controller.schema.shape import Shape, answer_member, member, page_member, required_operation, shape

HOME = Identity("123456789012", "eu-central-1")
MODEL = join_models({name: Loader().load_service_model(name, "service-2") for name in SERVICES})
ROWS = sorted(KINDS)


def members(operation: str, side: str = "input") -> set[str]:
    """The members of an operation's input or output in botocore's model."""
    document = MODEL["operations"].get(operation)
    return set(MODEL["shapes"][document[side]["shape"]]["members"]) if document else set()


def shape_at_path(start: Shape, path: str) -> Shape:
    """The shape at a row's path."""
    here = start
    for part in path.split("."):
        found = member(here, part.removesuffix("[]"))
        assert found is not None, f"{start.name} has no {path}"
        here = found
        if part.endswith("[]"):
            here = shape(here.element)
    return here


def test_the_record_is_in_step_with_botocore() -> None:
    """``sagemaker.json`` is equal to the installed botocore's model."""
    assert RECORD.read_text(encoding="utf-8") == render(), "run `make record` and commit"


def test_a_stale_record_names_the_command() -> None:
    """An operation or a shape that is not recorded is an error with the command to record it."""
    with pytest.raises(RecordError, match="no operation CreateNothing: run `make record`"):
        required_operation("CreateNothing")
    with pytest.raises(RecordError, match="no shape Nothing: run `make record`"):
        shape("Nothing")


@pytest.mark.parametrize("kind", ROWS)
def test_frozen_members_are_those_that_no_update_takes(kind: str) -> None:
    """Frozen is Create without Update (under its own name for a member), without tags and tokens, with the identity."""
    of, row = contract(kind), KINDS[kind]
    update = members(of.updates.name) if of.updates else set()
    member_names = {membership.member for membership in row.lifecycle.memberships} | (
        {row.lifecycle.runs.state} if row.lifecycle.runs else set()
    )
    member_names |= ({of.state_member} - {""}) | of.stop_members
    deltas = {name for name, delta in row.write.deltas.items() if delta.add in update}
    children = set(row.write.children)
    renamed = {name for name, called in row.write.renamed.items() if called in update}
    written = set(of.spec.members) - of.spec.tokens - {"Tags"}
    update -= set(row.identity.arn_parts)
    assert of.frozen == written - (
        ((update & written) | member_names | deltas | renamed | children) - of.identity
    )


FROZEN_WITHIN = [
    ("CodeRepository", ("GitConfig", "RepositoryUrl"), ("GitConfig", "SecretArn")),
    ("FeatureGroup", ("OnlineStoreConfig", "EnableOnlineStore"), ("OnlineStoreConfig", "TtlDuration")),
    ("TrainingJob", ("ResourceConfig", "InstanceType"), ("ResourceConfig", "KeepAlivePeriodInSeconds")),
    (
        "Project",
        ("ServiceCatalogProvisioningDetails", "ProductId"),
        ("ServiceCatalogProvisioningDetails", "ProvisioningArtifactId"),
    ),
    ("Pipeline", ("PipelineName",), ("PipelineDefinition", "Steps", 0, "Name")),
    ("TrialComponent", ("MetadataProperties", "ProjectId"), ("Parameters", "rate", "NumberValue")),
]


@pytest.mark.parametrize(("kind", "frozen", "free"), FROZEN_WITHIN)
def test_a_member_may_be_updatable_in_part(kind: str, frozen: Path, free: Path) -> None:
    """Partial updates are known below the top level, from shapes of Update with fewer members than Create's."""
    assert not contract(kind).is_updatable(frozen)
    assert contract(kind).is_updatable(free)


@pytest.mark.parametrize(
    ("kind", "secrets", "unreadable"),
    [
        ("Workforce", ("OidcConfig.ClientSecret",), ("OidcConfig.ClientSecret",)),
        ("Workteam", (), ()),
        ("ModelPackageGroup", (), ()),
        ("ModelPackage", (), ()),
        ("Model", (), ()),
        ("EndpointConfig", (), ()),
        ("Endpoint", (), ()),
        ("Pipeline", (), ("PipelineDefinitionS3Location",)),
        ("HumanTaskUi", (), ("UiTemplate.Content",)),
        ("CodeRepository", (), ()),
        ("FeatureGroup", (), ()),
        ("LabelingJob", (), ("Trigger",)),
        ("TrainingJob", (), ("SessionChainingConfig", "Trigger")),
        ("Project", (), ()),
        ("Association", (), ()),
        ("Artifact", (), ()),
        ("TrialComponent", (), ()),
        (
            "PipelineExecution",
            (),
            ("MlflowExperimentName", "PipelineName", "PipelineParameters", "PipelineVersionAlias", "Trigger"),
        ),
    ],
)
def test_what_describe_never_shows_is_known(
    kind: str, secrets: tuple[str, ...], unreadable: tuple[str, ...]
) -> None:
    """Secrets and unreadable members are exactly those found manually in the model."""
    assert (contract(kind).secrets, contract(kind).unreadable) == (secrets, unreadable)


@pytest.mark.parametrize("kind", ROWS)
def test_operations_and_keys_exist_in_the_model(kind: str) -> None:
    """The operations of a row, and the members by which they find a resource, are botocore's."""
    of = contract(kind)
    for name in operations_of(of.kind):
        written = name in astuple(of.kind.identity.verbs) or not name.startswith(("Update", "Delete", "List"))
        assert name in MODEL["operations"] or not written, name
    keyed = [each for each in (of.describes, of.updates, of.deletes) if each]
    identity = of.kind.identity
    name = "/".join("1" for _ in identity.arn_parts) or " ".join(["x"] * max(len(identity.key or ()), 1))
    for operation in keyed:
        assert set(of.address(operation, name, lambda: HOME)) <= members(operation.name)
    assert not of.lists or of.page_member in members(of.lists.name, "output")
    assert of.taggable == ("Tags" in members(of.creates.name))
    assert not of.status_member or of.status_member in of.body.members


@pytest.mark.parametrize("kind", ROWS)
def test_the_members_with_name_and_arn_are_in_the_model(kind: str) -> None:
    """A kind identified by a name has it in the spec; Describe has the ARN, and an element of List name or ARN."""
    of = contract(kind)
    by_name = of.kind.identity.key is None and of.kind.identity.found_by is None
    assert not by_name or of.name_member in of.spec.members
    assert not (by_name and of.taggable) or of.arn_member in of.body.members
    element = set(shape(page_element(of.lists.name)).members) if of.lists else set()
    assert not (by_name and element) or set(of.listed_as) & element


@pytest.mark.parametrize(
    ("kind", "word", "given", "found"),
    [
        ("Endpoint", "Name", ("Name", "EndpointName"), "EndpointName"),
        ("DataQualityJobDefinition", "Name", ("JobDefinitionName",), "JobDefinitionName"),
        ("InferenceExperiment", "Name", ("EndpointName", "Name"), "Name"),
        ("AutoMLJobV2", "Arn", ("AutoMLJobArn", "RoleArn"), "AutoMLJobArn"),
        ("Association", "Arn", ("SourceArn", "DestinationArn"), "AssociationArn"),
    ],
)
def test_the_member_with_the_name_is_the_end_of_the_usual_one(
    kind: str, word: str, given: tuple[str, ...], found: str
) -> None:
    """Some operations leave out the beginning of ``<Kind>Name``, or all of the kind."""
    assert suffix_member(kind, word, given) == found


@pytest.mark.parametrize("kind", ROWS)
def test_operations_of_a_lifecycle_are_in_the_model(kind: str) -> None:
    """Delete blockers, memberships, states and runs name operations and members that botocore has."""
    row, of = KINDS[kind], contract(kind)
    for blocker in row.lifecycle.delete_blockers:
        element = shape(page_element(blocker.lists))
        assert blocker.by in members(blocker.lists) | {""} or shape_at_path(element, blocker.by) is not None
        found = listed_kind(blocker.lists) if blocker.cascades else None
        assert found is None or found.deletes is not None
    for membership in row.lifecycle.memberships:
        assert of.name_member in members(membership.lists) & members(membership.remove)
        assert membership.named in shape(page_element(membership.lists)).members
        assert not membership.member or membership.member in of.unsent_members
    if row.lifecycle.desired_state:
        state = row.lifecycle.desired_state
        for verb in (state.start, state.stop):
            assert set(of.address(required_operation(verb), "x")) <= members(verb)
        assert state.stopped in shape(of.body.members[of.status_member]).enum
        assert row.compare.defaults[state.member] == state.started  # it runs unless a document stops it
    if row.lifecycle.runs:
        stop = row.lifecycle.runs.stop
        assert not stop or set(of.address(required_operation(stop), "x")) <= members(stop)
        assert not row.lifecycle.runs.state or row.lifecycle.runs.state in of.unsent_members


@pytest.mark.parametrize("kind", ROWS)
def test_written_members_are_in_the_model(kind: str) -> None:
    """Renamed, immutable and locked members, deltas and further reads name members that botocore has."""
    row, of = KINDS[kind], contract(kind)
    for path in row.write.immutable:
        assert of.updates is not None
        assert shape_at_path(shape(of.updates.input), path) is not None, (
            "what Update's shape lacks is immutable without it"
        )
    update = members(of.updates.name) if of.updates else set()
    for name, called in row.write.renamed.items():
        above = name.rpartition(".")[0]
        path = f"{row.write.renamed.get(above, above)}.{called}".lstrip(".")
        assert of.updates is not None
        assert shape_at_path(shape(of.updates.input), path) is not None
    assert {*row.write.sent_with, *(each for many in row.write.sent_with.values() for each in many)} <= update
    further = map(required_operation, row.compare.further.values())
    for verb in (of.describes, of.updates, of.deletes, *further):
        assert verb is None or set(row.identity.arn_parts) <= members(verb.name)
    assert all(shape(page_element(lists)).type == "string" for lists in row.compare.further.values())
    assert set(row.write.locks) <= update - set(of.spec.members)
    assert set(row.write.locks.values()) <= set(of.body.members)
    assert {
        each for delta in row.write.deltas.values() for each in (delta.add, delta.remove) if each
    } <= update


def page_element(lists: str) -> str:
    """The shape of what a List lists."""
    read = required_operation(lists)
    return shape(answer_member(read, page_member(read))).element


def row_paths(kind: str) -> Iterator[tuple[Shape, str]]:
    """Every path in a row, with the shape it starts from."""
    row, of = KINDS[kind], contract(kind)
    spec_paths = (
        *(link.field for link in row.identity.links),
        *row.compare.reads,
        *row.compare.unreadable,
        *row.compare.further,
        *row.write.write_only,
        *row.write.cleared,
        *row.compare.unordered,
        *row.compare.keyed,
        *row.compare.documents,
        *(row.identity.unique or ()),
    )
    yield from ((of.spec, path) for path in spec_paths)
    yield from ((of.body, path) for link in row.identity.links for path in link.held)
    found_by = row.identity.found_by
    if found_by is not None:
        paths = (found_by.when, found_by.marker, *found_by.listed_by.values(), *found_by.matches)
        yield from ((of.spec, path) for path in paths if path)
        yield from ((shape(of.lists.input), path) for path in found_by.listed_by if of.lists)
    yield from (
        (of.body, path) for path in (row.lifecycle.update_status_path, *row.lifecycle.reasons) if path
    )
    yield from (
        (of.spec, path)
        for path in (
            *row.write.renamed,
            *row.write.deltas,
            *row.write.updatable_in_phase,
            *(row.identity.key or ()),
        )
    )


@pytest.mark.parametrize("kind", ROWS)
def test_every_path_of_a_row_exists_in_the_shapes(kind: str) -> None:
    """Every member in a row exists in the service model."""
    for start, path in row_paths(kind):
        assert shape_at_path(start, path) is not None


@pytest.mark.parametrize("kind", ROWS)
def test_the_columns_point_at_the_right_types(kind: str) -> None:
    """Linked members and documents are strings, unordered and keyed ones lists, and links lead to rows."""
    row, of = KINDS[kind], contract(kind)
    for link in row.identity.links:
        assert link.to in KINDS
        assert shape_at_path(of.spec, link.field).type == "string"
    for path in row.compare.documents:
        assert shape_at_path(of.spec, path).type == "string"
    for path in row.compare.unordered:
        assert shape_at_path(of.spec, path).type == "list"
    for path, key in row.compare.keyed.items():
        assert key in shape(shape_at_path(of.spec, path).element).members


@pytest.mark.parametrize("kind", ROWS)
def test_what_a_row_shows_is_there(kind: str) -> None:
    """The displayed members of a row are members of Describe."""
    assert all(show.member in contract(kind).body.members for show in KINDS[kind].display.columns)


@pytest.mark.parametrize("kind", ROWS)
def test_the_further_reads_of_a_row_exist(kind: str) -> None:
    """A detail accepts the resource's identifiers, and its members are in the response; so for another List."""
    row, of = KINDS[kind], contract(kind)
    for detail in row.display.details:
        read = required_operation(detail.operation)
        assert {*of.address(read, "name"), *detail.given} <= members(detail.operation)
        held = shape_at_path(shape(read.output), detail.member)
        element = shape(held.element) if held.type == "list" else held
        assert {*detail.columns, *(detail.span or ())} <= set(element.members)
        assert bool(detail.columns) == (held.type == "list")
    for other in row.display.other_lists:
        assert other.member in members(other.operation)
        assert other.to in KINDS
    assert set(row.identity.fixed) <= (members(of.lists.name) if of.lists else set())


@pytest.mark.parametrize("kind", ROWS)
def test_children_are_put_removed_and_listed_by_the_key(kind: str) -> None:
    """Each operation of a child accepts the key of the resource, and List shows the spec of an element."""
    of = contract(kind)
    for member_name, child in of.kind.write.children.items():
        element = set(shape(shape(of.spec.members[member_name]).element).members)
        assert element == members(child.put) - of.identity
        assert {child.named, *of.identity} <= members(child.remove)
        assert of.identity <= members(child.lists)
        assert element <= set(shape(page_element(child.lists)).members)
        assert of.kind.compare.keyed[member_name] == child.named


def test_two_services_may_not_share_an_operation() -> None:
    """A row names an operation alone, so the record refuses one of two services."""
    models = {name: Loader().load_service_model("sagemaker", "service-2") for name in SERVICES}
    with pytest.raises(RecordError, match="as another service has"):
        join_models(models)
