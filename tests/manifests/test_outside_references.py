"""Values of a linked field without a document, at every link of every kind."""

import json
from typing import Any

import pytest

from controller.core.finding import Code, Finding, Severity
from controller.core.path import Path, expand, get, with_value
from controller.kinds import KINDS, Link, TargetForm
from controller.manifests.bundle import bundle, link_texts
from controller.manifests.envelope import API_VERSION
from controller.manifests.load import load_bytes
from controller.schema.check import check
from controller.schema.contract import contract
from controller.schema.identifiers import may_name, renamed_within
from controller.schema.kind_names import kebab
from controller.schema.names import camel_path, lower_camel, to_aws
from tests.kinds.full import specs
from tests.kinds.sample import walk
from tests.soak import soak

ACCOUNT = "us-east-1:123456789012"
PLACEHOLDER = "<< put the name here >>"


def linked_specs(kind: str) -> list[tuple[dict[str, Any], Path, Link]]:
    """Full specs of a kind, with the path of each field that names one other kind, and its link."""
    out = []
    for spec in specs(kind):
        texts = link_texts(to_aws(spec, contract(kind).spec), contract(kind).kind.identity.links)
        for path, (_, links) in texts.items():
            if len(links) == 1 and links[0].by is not TargetForm.ID:
                out.append((spec, camel_path(path, contract(kind).spec), links[0]))
    return out


def some_linked_specs(kind: str, most: int) -> list[tuple[dict[str, Any], Path, Link]]:
    """A share of them, where there are more than so many: a domain has its settings in several members."""
    all_of_them = linked_specs(kind)
    return all_of_them[:: 1 + len(all_of_them) // most]


LINKED = [kind for kind in KINDS if linked_specs(kind)]


def findings_at(
    kind: str, spec: dict[str, Any], path: Path, text: str, *others: dict[str, Any]
) -> list[Finding]:
    """The findings at a linked field with that text."""
    whole = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "one"},
        "spec": with_value(spec, path, text),
    }
    files = [(f"{i}.json", json.dumps(each, indent=1).encode()) for i, each in enumerate((whole, *others))]
    found = bundle(load_bytes(files).documents).findings
    return [
        each
        for each in found
        if each.path == ("spec", *path) and each.origin and each.origin.file == "0.json"
    ]


def has_name_member(kind: str) -> bool:
    """Whether a text may be the name in AWS of a resource of the kind, and not only its ARN."""
    return contract(kind).name_member in contract(kind).spec.members


def field_value(spec: dict[str, Any], path: Path, link: Link, name: str) -> str:
    """What a linked field holds with that name in it."""
    return renamed_within(link, str(get(spec, path)), name)


def arn(kind: str) -> str:
    """An ARN of a kind."""
    template = next((each for each in contract(kind).kind.identity.arns), f"{kebab(kind)}/{{}}")
    return f"arn:aws-us-gov:sagemaker:{ACCOUNT}:{template.replace('{}', 'some')}"


@pytest.mark.parametrize("most", [20, *soak(1000)])
@pytest.mark.parametrize("kind", walk(LINKED))
def test_a_linked_field_takes_names_and_arns_of_its_kind_only(kind: str, most: int) -> None:
    """A placeholder, an ARN of another kind or service, or an invalid one is an error at its position.

    A kind that the service numbers has no name that could be given, and text around a name leaves no room for an ARN.
    """
    for spec, path, link in some_linked_specs(kind, most):
        to = link.to
        for good in (*(["some-name"] if has_name_member(to) else []), *([] if link.within else [arn(to)])):
            assert not findings_at(kind, spec, path, field_value(spec, path, link, good)), (path, good)
        other = "EndpointConfig" if to != "EndpointConfig" else "Model"
        s3 = arn(to).replace(":sagemaker:", ":s3:")
        arns = () if link.within else (s3, arn(other), f"{arn(to)} x")
        for bad in (PLACEHOLDER, "a" * 2000, "arn:aws:sagemaker", "-", *arns):
            (found,) = findings_at(kind, spec, path, field_value(spec, path, link, bad))
            assert (found.code, found.severity) == (Code.BAD_REFERENCE, Severity.ERROR), (path, bad)
            assert found.origin
            assert found.origin.line > 1


@pytest.mark.parametrize("most", [20, *soak(1000)])
@pytest.mark.parametrize("kind", walk(LINKED))
def test_a_name_that_is_nearly_a_documents_is_a_warning(kind: str, most: int) -> None:
    """A mistyped name has a hint at its position; the document's own name and a dissimilar one have none.

    Where it can't be a name in AWS it is an error, as one that is unlike it is.
    """
    for spec, path, link in some_linked_specs(kind, most):
        known = {
            "apiVersion": API_VERSION,
            "kind": link.to,
            "metadata": {"name": "fraud-detection"},
            "spec": {},
        }
        mistyped, right, unlike = (
            findings_at(kind, spec, path, field_value(spec, path, link, text), known)
            for text in ("fraud-detecton", "fraud-detection", "churn")
        )
        (found,) = mistyped
        assert found.severity is (Severity.WARNING if has_name_member(link.to) else Severity.ERROR)
        assert "did you mean 'fraud-detection'?" in found.hint
        assert not right
        assert [each.hint for each in unlike] == ([] if has_name_member(link.to) else [""])


def test_every_link_of_every_kind_takes_an_arn_of_its_kind() -> None:
    """Also in fields that may name several kinds."""
    for kind, row in KINDS.items():
        for link in row.identity.links:
            if link.by is not TargetForm.ID:
                assert may_name(arn(link.to), link, contract(kind), ()), link


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_called_as_a_kind_names_that_kind(kind: str) -> None:
    """In a spec of every kind, an unknown field with the name of another kind names it, with any capitals."""
    of = contract(kind)
    for other in KINDS:
        name = lower_camel(other)
        if expand(dict.fromkeys(map(lower_camel, of.spec.members)), name):
            continue
        (found,) = (each for each in check({name: {}}, of, defers=lambda _: False) if each.path == (name,))
        assert found.hint.startswith(f"{other} is a kind"), (kind, other)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("kernelGatewayImageConfig", "AppImageConfig"),
        ("resourcePolicy", "EndpointPolicy and ModelPackageGroupPolicy"),
    ],
)
def test_a_field_of_few_other_kinds_names_them(name: str, kinds: str) -> None:
    """A field that nothing here is like, and that one or two other kinds have, names those."""
    (found,) = check({name: {}}, contract("ModelPackageGroup"), defers=lambda _: False)
    assert found.hint == f"it is a field of {kinds}"
