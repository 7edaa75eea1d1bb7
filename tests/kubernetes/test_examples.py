"""The examples are valid Kubernetes objects."""

from itertools import chain
from pathlib import Path
from typing import Any

from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.repo.files import ROOT

EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))


def _documents(path: Path, namespace: str) -> list[Any]:
    read_from = read(str(path), path.read_bytes(), Limits()).documents
    return [for_cluster(raw.value, namespace) for raw in read_from if "apiVersion" in raw.value]


def test_the_api_server_takes_every_example(kubectl: Kubectl) -> None:
    """Every document of the examples, in a namespace, passes ``kubectl apply --dry-run=server``, strictly.

    One process for all: it reads the schemas of all kinds first, and names the object that is refused.
    """
    by_path = {path: _documents(path, kubectl.namespace) for path in EXAMPLES}
    assert all(by_path.values())
    documents = list(chain.from_iterable(by_path.values()))
    must = kubectl.must("apply", "--dry-run=server", "--validate=strict", "-f", "-", given=as_list(documents))
    assert must.count("created (server dry run)") == len(documents)


def test_a_literal_secret_is_refused(kubectl: Kubectl) -> None:
    """A secret in a document is refused, and so is one from an environment variable."""
    path = next(path for path in EXAMPLES if "valueFrom" in path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    for wrong in ("{valueFrom: {env: LABELING_CLIENT_SECRET}}", "hunter2"):
        given = text.replace("\n      valueFrom: {env: LABELING_CLIENT_SECRET}", f" {wrong}")
        done = kubectl.run("apply", "--dry-run=server", "-f", "-", given=given)
        assert done.returncode == 1
        assert "clientSecret" in done.stderr


def for_cluster(document: Any, namespace: str) -> Any:
    """The document unchanged in a cluster: with a namespace, and secrets from Secrets."""
    metadata = {**document["metadata"], "namespace": namespace}
    return {**document, "metadata": metadata, "spec": _with_secret_references(document["spec"])}


def _with_secret_references(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"valueFrom"}:
        return {"valueFrom": {"secretKeyRef": {"name": "labeling", "key": "client-secret"}}}
    if isinstance(value, dict):
        return {key: _with_secret_references(inner) for key, inner in value.items()}
    return [_with_secret_references(inner) for inner in value] if isinstance(value, list) else value
