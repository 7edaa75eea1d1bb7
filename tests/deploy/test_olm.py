"""The bundle for OLM: it has the content of deploy/base and crds/, and the kubectl plugin runs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.dev.olm import main
from docs.dev.release import version
from tests.deploy.programs import Tool
from tests.repo.files import ROOT

IMAGE = "registry.example/sagemaker-gitops:v9"
DEFINITION = "customresourcedefinition-"  # begins the names of their files
# What OLM creates itself, from the ClusterServiceVersion or for the operator's namespace, and what has no file.
MADE_BY_OLM = {
    "Deployment",
    "ServiceAccount",
    "Namespace",
    "ClusterRoleBinding",
    "RoleBinding",
    "Role",
    "NetworkPolicy",
}


@pytest.fixture(scope="module")
def bundle_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the bundle, as the command writes them."""
    folder = tmp_path_factory.mktemp("bundle")
    assert main([str(folder), IMAGE]) == 0
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.yaml")
    }


@pytest.fixture(scope="module")
def bundle(bundle_files: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The files of the bundle, parsed, except the definitions."""
    return {name: yaml.safe_load(text) for name, text in bundle_files.items() if DEFINITION not in name}


@pytest.fixture(scope="module")
def csv(bundle: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The ClusterServiceVersion."""
    (found,) = [each for each in bundle.values() if each.get("kind") == "ClusterServiceVersion"]
    return found


def read_base_objects() -> list[dict[str, Any]]:
    """The objects of deploy/base."""
    paths = sorted((ROOT / "deploy" / "base").glob("*.yaml"))
    loaded = [each for path in paths for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    return [each for each in loaded if each and each["kind"] != "Kustomization"]


def key(each: dict[str, Any]) -> tuple[str, str]:
    """Kind and name of an object."""
    return each["kind"], each["metadata"]["name"]


def test_every_definition_is_owned(bundle_files: dict[str, str], csv: dict[str, Any]) -> None:
    """Each definition of crds/ is in the bundle unchanged, and the version owns it with its name, version and kind."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "crds").glob("*.yaml")]
    heads = [yaml.safe_load(text.partition("    schema:\n")[0]) for text in texts]
    assert {each["kind"] for each in heads} == {"CustomResourceDefinition"}
    assert len(heads) > 60
    assert {name: text for name, text in bundle_files.items() if DEFINITION in name} == {
        f"manifests/{DEFINITION}{head['metadata']['name']}.yaml": text
        for head, text in zip(heads, texts, strict=True)
    }
    owned = {
        (each["name"], each["version"], each["kind"])
        for each in csv["spec"]["customresourcedefinitions"]["owned"]
    }
    assert owned == {
        (each["metadata"]["name"], each["spec"]["versions"][0]["name"], each["spec"]["names"]["kind"])
        for each in heads
    }


def test_nothing_of_the_deployment_is_forgotten(bundle: dict[str, dict[str, Any]]) -> None:
    """Each object of deploy/base is in the bundle, or is created by OLM, or is a role of the operator itself."""
    objects = read_base_objects()
    bound = {(each["roleRef"]["kind"], each["roleRef"]["name"]) for each in objects if "roleRef" in each}
    there = {key(each): each for each in bundle.values() if "kind" in each}
    missing = {key(each) for each in objects if there.get(key(each)) != each}
    assert {each for each in missing if each[0] not in MADE_BY_OLM} == {
        each for each in bound if each[0] == "ClusterRole"
    }


def test_the_operator_runs_with_the_same_rights(csv: dict[str, Any]) -> None:
    """Deployment and rules are those of deploy/base; the image is the given one."""
    objects = {key(each): each for each in read_base_objects()}
    strategy = csv["spec"]["install"]["spec"]
    (deployment,) = strategy["deployments"]
    expected = objects["Deployment", "sagemaker-gitops"]["spec"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container.pop("image") == IMAGE
    expected["template"]["spec"]["containers"][0].pop("image")
    assert deployment["spec"] == expected
    for field, kind in (("clusterPermissions", "ClusterRoleBinding"), ("permissions", "RoleBinding")):
        (granted,) = strategy[field]
        rules = [
            rule
            for each in objects.values()
            if each["kind"] == kind
            for rule in objects[each["roleRef"]["kind"], each["roleRef"]["name"]]["rules"]
        ]
        assert rules
        assert granted == {"serviceAccountName": "sagemaker-gitops", "rules": granted["rules"]}
        assert sorted(map(json.dumps, granted["rules"])) == sorted(map(json.dumps, rules))


def test_the_version_is_that_of_the_project(csv: dict[str, Any]) -> None:
    """The bundle's name and version follow pyproject.toml, and nearly every kind has an example."""
    assert (csv["metadata"]["name"], csv["spec"]["version"]) == (f"sagemaker-gitops.v{version()}", version())
    examples = json.loads(csv["metadata"]["annotations"]["alm-examples"])
    owned = {each["kind"] for each in csv["spec"]["customresourcedefinitions"]["owned"]}
    assert {each["kind"] for each in examples} <= owned
    assert len(examples) > len(owned) - 5


def test_the_command_writes_the_bundle(
    bundle_files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m docs.dev.olm`` writes manifests and metadata; without both arguments it prints how to use it."""
    annotations = yaml.safe_load(bundle_files["metadata/annotations.yaml"])["annotations"]
    assert annotations["operators.operatorframework.io.bundle.package.v1"] == "sagemaker-gitops"
    assert main([]) == 2
    assert "FOLDER IMAGE" in capsys.readouterr().err


def test_kubectl_finds_the_plugin(kubectl_program: Tool) -> None:
    """``kubectl sagectl`` is ``sagectl``: options and exit codes are passed on."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def kubectl(*arguments: str) -> "subprocess.CompletedProcess[str]":
        line = [str(kubectl_program.program), *arguments]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert kubectl("sagectl", "version").stdout == f"sagectl {version()}\n"
    refused = kubectl("sagectl", "validate", "nowhere.yaml")
    assert (refused.returncode, "nowhere.yaml" in refused.stdout + refused.stderr) == (1, True), refused
