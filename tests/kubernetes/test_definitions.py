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
    """crds/ contains what the generator writes, file for file; `make crds` writes it again."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
    assert committed == documents(), "run `make crds` and commit"


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_are_read_as_written(kind: str) -> None:
    """The strict loader reads the YAML as it was written, and it fits into kubectl's copy."""
    name = f"{contract(kind).plural.lower()}.yaml"
    found = read(name, (FOLDER / name).read_bytes(), Limits())
    assert not found.findings
    assert found.documents[0].value == definition(kind)
    assert len(json.dumps(definition(kind))) < _ANNOTATION


def test_short_names_are_unique() -> None:
    """Every kind has a short name of its own."""
    names = [short_name(kind) for kind in KINDS]
    assert len(set(names)) == len(names), sorted(names)
    assert not _TAKEN & set(names)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_policy_of_a_definition_is_the_documents(kind: str) -> None:
    """A policy has the same members in Kubernetes as in the envelope."""
    known = _SCHEMA["fields"]["policy"]["schema"]["fields"]
    schema = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["policy"]
    assert set(schema["properties"]) == set(known)


def test_the_api_server_takes_every_definition(cluster_kubectl: Kubectl) -> None:
    """Every definition is established, its names are accepted, and its schema is structural."""
    found = {each["spec"]["names"]["kind"]: each for each in cluster_kubectl.items("crd")}
    assert set(found) >= set(KINDS)
    for kind in KINDS:
        fields = {c["type"]: (c["status"], c.get("message")) for c in found[kind]["status"]["conditions"]}
        assert fields["Established"][0] == fields["NamesAccepted"][0] == "True", fields
        assert "NonStructuralSchema" not in fields, fields


def test_short_names_and_the_category_find_objects(kubectl: Kubectl) -> None:
    """Each kind is found by its short name, and all of them by the category."""
    listed = kubectl.must("api-resources", "--api-group", GROUP, "--no-headers")
    for kind in KINDS:
        assert [line for line in listed.splitlines() if f" {short_name(kind)} " in line], kind
    in_category = kubectl.must("api-resources", "--categories", "sagemaker", "--no-headers")
    assert len(in_category.splitlines()) == len(KINDS)
