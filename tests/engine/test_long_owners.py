"""The ownership tag of every document fits the service, however long its set, namespace and name are."""

from dataclasses import replace

import pytest

from controller.core.phase import Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import OWNER, Owner, document_of, is_truncated
from controller.engine.ownership_search import OwnershipProof
from controller.kinds import KINDS
from tests.journeys.stage import HEAD, Stage, acting_steps

LONGEST = 256  # of a tag's value
SET, NAMESPACE, NAME = "s" * 64, "n" * 63, "d" * 253
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/g"


def _group(name: str = NAME, namespace: str = NAMESPACE) -> str:
    named = f"{{name: {name}, namespace: {namespace}}}"
    return f"{HEAD}kind: ModelPackageGroup\nmetadata: {named}\nspec: {{modelPackageGroupName: g}}\n"


def _package() -> str:
    named = f"{{name: {NAME}, namespace: {NAMESPACE}}}"
    spec = (
        "{modelPackageGroupName: g, inferenceSpecification: {containers: [{image: "
        "'123456789012.dkr.ecr.us-east-1.amazonaws.com/i:1'}], supportedContentTypes: [a/b], "
        "supportedResponseMIMETypes: [a/b]}}"
    )
    return f"{HEAD}kind: ModelPackage\nmetadata: {named}\nspec: {spec}\n"


def test_short_owners_stay_as_they_are_and_long_ones_fit() -> None:
    """Of every kind, up to the last character that fits; a longer text is cut, and still unique for each document."""
    for kind in KINDS:
        seen = set()
        for length in range(150, 254):
            ref = Ref(kind, "d" * length, NAMESPACE)
            whole, text = f"{SET}/{ref}", str(Owner(SET, ref))
            assert text == whole if len(whole) <= LONGEST else len(text) == LONGEST
            assert document_of(text, SET) == ref if len(whole) <= LONGEST else text not in seen
            assert document_of(text, "other") is None
            seen.add(text)
    assert str(Owner("a" * 250, Ref("Model", "m"))) != str(Owner("a" * 250, Ref("Model", "n")))


@pytest.mark.parametrize("more", [0, 1])
def test_the_boundary(stage: Stage, more: int) -> None:
    """A tag of 256 characters is written whole, one of 257 is cut; both are applied, in sync and deleted."""
    stage.set = SET
    room = LONGEST - len(f"{SET}/ModelPackageGroup/{NAMESPACE}/")
    document = _group("d" * (room + more))
    assert stage.apply(document).convergence is Convergence.SETTLED
    (tag,) = [t["Value"] for t in stage.client().list_tags(ResourceArn=ARN)["Tags"] if t["Key"] == OWNER]
    assert len(tag) == LONGEST
    assert ("=" in tag) is bool(more)
    assert acting_steps(stage.plan(document)) == {}
    assert stage.destroy(document).convergence is Convergence.SETTLED
    assert stage.client().list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_long_names_are_proved_pruned_and_read_back(stage: Stage) -> None:
    """Tag and marker of a long name identify only this document, also after a lost inventory."""
    stage.set = SET
    documents = (_group(), _package())
    report = stage.apply(*documents)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    held = stage.inventory()
    stage.inventory_store.path.unlink()
    assert {each.why for each in stage.plan(*documents).steps} == {Reason.NOT_IN_INVENTORY}
    made = stage.rebuild(*documents)
    refs = {ref: replace(each, made=0) for ref, each in made.inventory.entries.items()}
    assert refs.keys() == held.entries.keys()
    assert {each.name for each in refs.values()} == {each.name for each in held.entries.values()}
    assert set(made.recovery.proofs.values()) <= {OwnershipProof.TAG, OwnershipProof.MARKER}
    assert acting_steps(stage.plan(*documents)) == {}
    other = _group("d" * 252)
    (blocked,) = (each for each in stage.plan(other).steps if each.ref.name == "d" * 252)
    assert blocked.why is Reason.FOREIGN_OWNER
    assert stage.apply(prune=True, confirm_deletes=2).convergence is Convergence.SETTLED
    assert stage.client().list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_without_its_document_a_cut_tag_creates_no_entry(stage: Stage) -> None:
    """A truncated tag without its document creates no entry, and the resource is reported."""
    stage.set = SET
    stage.apply(_group())
    stage.inventory_store.path.unlink()
    made = stage.rebuild(f"{HEAD}kind: Experiment\nmetadata: {{name: e}}\nspec: {{}}\n")
    (left,) = made.recovery.unproved
    assert (left.name, is_truncated(left.ref)) == ("g", True)
    assert made.inventory.entries == {}
