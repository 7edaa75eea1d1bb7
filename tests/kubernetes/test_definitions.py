"""The definitions in crds/: equal to the generator's output, and accepted by a real API server."""

import json

import pytest

from controller.crds import definition, documents
from controller.crds.definition import short_name
from controller.kinds import KINDS
from controller.manifests.envelope import _SCHEMA, GROUP
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from controller.schema.contract import contract
from tests.kubernetes.rig.definitions import FOLDER
from tests.kubernetes.rig.kubectl import Kubectl

_ANNOTATION = 262_144  # bytes of all annotations; `kubectl apply` keeps a copy of the object in one
_TAKEN = {"sts", "sa", "svc", "sc", "sm", "smc"}


def test_the_committed_definitions_are_in_step() -> None:
    """crds/ holds what the generator writes, file for file; `make crds` writes it anew."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
    assert committed == documents(), "run `make crds` and commit"


@pytest.mark.parametrize("kind", KINDS)
def test_a_definition_reads_as_it_was_meant(kind: str) -> None:
    """The YAML says the same to the strict loader as to whoever wrote it, and fits kubectl's copy."""
    name = f"{contract(kind).plural.lower()}.yaml"
    found = read(name, (FOLDER / name).read_bytes(), Limits())
    assert not found.findings
    assert found.documents[0].value == definition(kind)
    assert len(json.dumps(definition(kind))) < _ANNOTATION


def test_short_names_are_nobody_elses() -> None:
    """Every kind has a short name of its own."""
    names = [short_name(kind) for kind in KINDS]
    assert len(set(names)) == len(names), sorted(names)
    assert not _TAKEN & set(names)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_policy_of_a_definition_is_the_documents(kind: str) -> None:
    """A policy has the members in Kubernetes that the envelope knows."""
    known = _SCHEMA["fields"]["policy"]["schema"]["fields"]
    schema = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["policy"]
    assert set(schema["properties"]) == set(known)


def test_the_api_server_takes_every_definition(everywhere: Kubectl) -> None:
    """Every definition is established, its names are accepted, and its schema is structural."""
    found = {each["spec"]["names"]["kind"]: each for each in everywhere.items("crd")}
    assert set(found) >= set(KINDS)
    for kind in KINDS:
        fields = {c["type"]: (c["status"], c.get("message")) for c in found[kind]["status"]["conditions"]}
        assert fields["Established"][0] == fields["NamesAccepted"][0] == "True", fields
        assert "NonStructuralSchema" not in fields, fields


def test_short_names_and_the_category_find_objects(kubectl: Kubectl) -> None:
    """Every kind answers to its short name, and all of them to the category."""
    listed = kubectl.must("api-resources", "--api-group", GROUP, "--no-headers")
    for kind in KINDS:
        assert [line for line in listed.splitlines() if f" {short_name(kind)} " in line], kind
    in_category = kubectl.must("api-resources", "--categories", "sagemaker", "--no-headers")
    assert len(in_category.splitlines()) == len(KINDS)
