"""A link by name and a link by ARN refer to the same resource: every link of every row, in either case."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from controller.core.path import Path, get, with_value
from controller.core.phase import Convergence
from controller.core.ref import Ref
from controller.engine.preconditions import still_in_use
from controller.engine.shared_reads import SharedReads
from controller.kinds import KINDS, Link, TargetForm
from controller.manifests.resolve import resolve
from controller.sandbox import Knobs, Sandbox
from controller.schema.check import check
from controller.schema.contract import contract
from controller.schema.names import aws_path, camel_path, lower_camel
from controller.schema.pattern import matches
from controller.schema.shape import shape
from tests.engine.known_account import Everything, arn
from tests.journeys.stage import Stage, acting_steps, compile_documents
from tests.journeys.tree import TREE
from tests.kinds.linked_documents import NAMES, dependencies_in_tree, dependencies_of
from tests.soak import soak

LOWERED = frozenset(KINDS)
USERS = tuple(
    kind
    for kind in TREE
    if KINDS[kind].identity.key is None
    and any(link.by is not TargetForm.ID for link in KINDS[kind].identity.links)
)


def _linked_fields(kind: str) -> Iterator[tuple[Path, Link, str]]:
    """The fields of the tree's document of a kind that are links to that kind's own documents, with their texts."""
    resource = compile_documents(*TREE.values()).resources[Ref(kind, NAMES[kind])]
    for each in (link for link in resource.links if not link.link.within):
        yield camel_path(each.path, resource.contract.spec), each.link, each.text


def _with_text(kind: str, path: Path, text: str) -> list[str]:
    """The tree's document of a kind with another text in one linked field, and its dependencies."""
    body = yaml.safe_load(TREE[kind])
    body["spec"] = with_value(body["spec"], path, text)
    return [*dependencies_in_tree(kind), yaml.safe_dump(body)]


def _spellings_of(stage: Stage, link: Link) -> Iterator[str]:
    entry = stage.inventory().of(Ref(link.to, NAMES[link.to]))
    assigned = entry.name == entry.arn  # of resources numbered by the service no other spelling is known
    name = contract(link.to).link_name(entry.name)
    yield from (name, entry.arn, entry.arn if assigned else entry.arn.lower())


@pytest.mark.parametrize("every", [False, *soak(True)])
@pytest.mark.parametrize("lowered", [True, *soak(False)])
def test_every_spelling_of_a_link_is_one(stage: Stage, *, lowered: bool, every: bool) -> None:
    """After apply, each linked field by name, ARN and lower-cased ARN: the same digest, and no changes.

    In short, one field for each kind that is linked and each form of its name.
    """
    stage.sandbox = Sandbox(knobs=Knobs(lowered_arns=LOWERED if lowered else frozenset()))
    stage.secrets["SECRET"] = "hush"
    stage.poll = 300
    report = stage.apply(*TREE.values(), timeout=40_000)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    tried = 0
    targets: set[tuple[str, TargetForm]] = set()
    for kind in TREE:
        for path, link, _ in _linked_fields(kind) if KINDS[kind].identity.links else ():
            target = link.to, link.by
            if link.by is TargetForm.ID or (target in targets and not every):
                continue
            targets.add(target)
            digests = set()
            for text in _spellings_of(stage, link):
                plan = stage.plan(*_with_text(kind, path, text))
                assert acting_steps(plan) == {}, (kind, path, text)
                digests.add(next(each.digest for each in plan.steps if each.ref.kind == kind))
                tried += 1
            assert len(digests) == 1, (kind, path)
    assert tried >= 3 * len(targets) > 40


def _mixed_case_document(kind: str) -> str:
    """The tree's document of a kind, with an AWS name in mixed case if the document has a name."""
    body, kind_contract = yaml.safe_load(TREE[kind]), contract(kind)
    found_by = kind_contract.kind.identity.found_by
    numbered = found_by is not None and lower_camel(found_by.when) in body["spec"]
    named = (
        kind_contract.kind.identity.key is None
        and kind_contract.name_member in kind_contract.spec.members
        and not numbered
    )
    mixed = f"Mixed-{NAMES[kind]}"
    if (
        named
        and not kind_contract.kind.lifecycle.runs
        and matches(shape(kind_contract.spec.members[kind_contract.name_member]).pattern, mixed)
    ):
        member = lower_camel(kind_contract.name_member)
        named_so = {**body["spec"], member: mixed}
        refused = {each.path for each in check(named_so, kind_contract, defers=lambda _: False)}
        body["spec"] = body["spec"] if (member,) in refused else named_so
    return yaml.safe_dump(body)


def _is_unique_by_links(kind: str) -> bool:
    """Whether no two resources of the kind may refer to the same others, so that two sets can't have one each."""
    identity = KINDS[kind].identity
    return bool(identity.unique) and set(identity.unique or ()) <= {link.field for link in identity.links}


def _document_of_other_set(kind: str, of: Stage, name: str = "second") -> dict[str, Any]:
    """A document of another set that refers by AWS name to what the first set created."""
    body = yaml.safe_load(
        TREE[kind].replace("${TrainingJob/churn.modelArtifacts.s3ModelArtifacts}", "s3://b/m")
    )
    body["metadata"]["name"] = name
    identity = KINDS[kind].identity
    for member in set(identity.unique or ()) - {link.field for link in identity.links}:
        body["spec"][lower_camel(member)] = name
    for path, link, _ in _linked_fields(kind):
        body["spec"] = with_value(body["spec"], path, of.inventory().of(Ref(link.to, NAMES[link.to])).name)
    return body  # type: ignore[no-any-return]


@pytest.mark.parametrize("both", [False, *soak(True)])
def test_a_resource_without_a_document_is_one_in_every_spelling(stage: Stage, *, both: bool) -> None:
    """Names in mixed case, of another set: applied by name or by lower-cased ARN, every other spelling is equal.

    What its links distinguish can be made once, so that it is applied by name only, and not in the first set. In short,
    of the others one kind is applied by name and the next by ARN.
    """
    stage.secrets["SECRET"] = "hush"
    stage.poll = 300
    first_set = (_mixed_case_document(kind) for kind in TREE if not _is_unique_by_links(kind))
    report = stage.apply(*first_set, timeout=40_000)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    wrong: list[Any] = []
    for number, kind in enumerate(USERS):
        firsts = (0, 2) if both else ((0,), (2,))[number % 2]
        for first in (0,) if _is_unique_by_links(kind) else firsts:
            second = Stage(stage.folder, stage.sandbox, stage.secrets, set=f"{kind}-{first}", poll=300)
            body = _document_of_other_set(kind, stage, f"second-{first}")
            for path, link, _ in _linked_fields(kind):
                if link.by is not TargetForm.ID:
                    text = list(_spellings_of(stage, link))[first]
                    body["spec"] = with_value(body["spec"], path, text)
            written = yaml.safe_dump(body)
            made = second.apply(written, timeout=40_000)
            if made.convergence is not Convergence.SETTLED:
                wrong.append(
                    (
                        kind,
                        first,
                        [each.message for each in made.outcomes],
                        [str(x.detail) for x in made.plan.steps],
                    )
                )
                continue
            digest = made.plan.steps[0].digest
            for path, link, _ in _linked_fields(kind):
                for text in _spellings_of(stage, link) if link.by is not TargetForm.ID else ():
                    plan = second.plan(yaml.safe_dump({**body, "spec": with_value(body["spec"], path, text)}))
                    if acting_steps(plan) or plan.steps[0].digest != digest:
                        wrong.append((kind, first, path, text, plan.steps[0].changes, plan.steps[0].detail))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_user_by_arn_keeps_its_target(stage: Stage) -> None:
    """A resource that only a user in another set names, by an ARN in lower case, is not deleted."""
    stage.secrets["SECRET"] = "hush"
    stage.poll = 300
    kept = [_mixed_case_document(kind) for kind in TREE if TREE[kind] in dependencies_of("LabelingJob")]
    stage.apply(*kept, timeout=40_000)
    second = Stage(stage.folder, stage.sandbox, stage.secrets, set="second", poll=300)
    body = _document_of_other_set("LabelingJob", stage)
    for path, link, _ in _linked_fields("LabelingJob"):
        text = list(_spellings_of(stage, link))[2]
        body["spec"] = with_value(body["spec"], path, text)
    second.reconcile(yaml.safe_dump(body))
    (step,) = (each for each in stage.plan(*kept, destroy=True).steps if each.ref.kind == "Model")
    for spelled in (step.arn, step.arn.lower()):
        assert "LabelingJob" in still_in_use(stage.cloud(), replace(step, arn=spelled), SharedReads())
    report = stage.reconcile(*kept, destroy=True)
    assert any("LabelingJob" in each.message for each in report.outcomes if each.step.ref.kind == "Model")
    assert [each["ModelName"] for each in stage.client().list_models()["Models"]] == [step.name]


def test_an_arn_of_another_account_is_another_resource() -> None:
    """In each linked field it is sent as written, and its digest is not that of the own resource's name."""
    tried = 0
    for kind in USERS:
        for path, link, _ in _linked_fields(kind):
            if link.by is TargetForm.ID:
                continue
            target = Ref(link.to, NAMES[link.to])
            ours, theirs, name = arn(target), arn(target, "999999999999"), target.name
            digests = {}
            for text in (ours, theirs, name):
                made = compile_documents(*_with_text(kind, path, text)).resources.values()
                resolved = next(resolve(each, Everything()) for each in made if each.ref.kind == kind)
                digests[text] = resolved.digest
                if text == theirs:
                    assert get(resolved.spec, aws_path(path, resolved.resource.contract.spec)) == theirs, path
            assert digests[theirs] not in (digests[ours], digests[name]), (kind, path)
            tried += 1
    assert tried > 15
