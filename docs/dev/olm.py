"""The bundle for the Operator Lifecycle Manager: ``python -m docs.dev.olm FOLDER IMAGE`` writes it.

It is made of deploy/base and crds/, so it is in no folder of the repository. The format is that of OLM's documentation
("Operator Bundle", "ClusterServiceVersion").
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from controller.cli.examples import document_of
from docs.dev.release import ROOT, version

_NAME = "sagemaker-gitops"
_CHANNEL = "alpha"
# What OLM takes beside the ClusterServiceVersion; it makes the Deployment, the account and its bindings itself.
_EXTRA = ("Service", "PodDisruptionBudget")
_DESCRIPTION = (
    "Declares Amazon SageMaker resources as Kubernetes objects and keeps the account equal to them: each change is "
    "planned, ordered by dependencies, and made by the rules of its kind. Give the service account `sagemaker-gitops` "
    "a role (IRSA or EKS Pod Identity); `sagectl iam` prints its policy."
)


def files(image: str, root: Path = ROOT) -> dict[str, str]:
    """The files of the bundle by their names; ``image`` is the operator's image with its tag or digest."""
    objects = list(_objects(root))
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "crds").glob("*.yaml"))]
    definitions = [yaml.safe_load(text) for text in texts]
    own = _bound(objects)
    roles = [each for each in objects if each["kind"] == "ClusterRole" and _key(each) not in own]
    extra = [*roles, *(each for each in objects if each["kind"] in _EXTRA)]
    manifests = [*extra, _service_version(objects, definitions, image, root)]
    made = {_file(each): each for each in manifests} | {"metadata/annotations.yaml": _annotations()}
    as_they_are = {_file(each): text for each, text in zip(definitions, texts, strict=True)}
    return as_they_are | {
        name: yaml.safe_dump(each, sort_keys=False, width=120) for name, each in made.items()
    }


def _file(manifest: Mapping[str, Any]) -> str:
    return f"manifests/{manifest['kind'].lower()}-{manifest['metadata']['name']}.yaml"


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _objects(root: Path) -> Iterator[dict[str, Any]]:
    base = root / "deploy" / "base"
    for name in _yaml(base / "kustomization.yaml")["resources"]:
        yield from filter(None, yaml.safe_load_all((base / name).read_text(encoding="utf-8")))


def _key(each: Mapping[str, Any]) -> tuple[str, str]:
    return each["kind"], each["metadata"]["name"]


def _bound(objects: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The roles of the operator itself, by kind and name."""
    references = [each["roleRef"] for each in objects if "roleRef" in each]
    return {(reference["kind"], reference["name"]) for reference in references}


def _service_version(
    objects: list[dict[str, Any]], definitions: list[dict[str, Any]], image: str, root: Path
) -> dict[str, Any]:
    (deployment,) = [each for each in objects if each["kind"] == "Deployment"]
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": {
            "name": f"{_NAME}.v{version(root)}",
            "namespace": "placeholder",
            "annotations": {
                "alm-examples": json.dumps(_examples(definitions)),
                "capabilities": "Seamless Upgrades",
                "categories": "AI/Machine Learning, Cloud Provider",
                "containerImage": image,
                "description": "Reconciles Amazon SageMaker resources from Kubernetes objects and git repositories.",
            },
        },
        "spec": {
            "displayName": "SageMaker GitOps",
            "description": _DESCRIPTION,
            "version": version(root),
            "maturity": "alpha",
            "minKubeVersion": "1.29.0",
            "keywords": ["sagemaker", "gitops", "aws", "machine learning"],
            "provider": {"name": "sagemaker-gitops"},
            "installModes": [
                {"type": mode, "supported": mode == "AllNamespaces"}
                for mode in ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")
            ],
            "install": {"strategy": "deployment", "spec": _install(objects, deployment)},
            "customresourcedefinitions": {"owned": [_owned(each) for each in definitions]},
        },
    }


def _install(objects: list[dict[str, Any]], deployment: Mapping[str, Any]) -> dict[str, Any]:
    """The Deployment, and the rules of the roles that are bound to its account."""
    template = deployment["spec"]["template"]
    account = template["spec"]["serviceAccountName"]
    roles = {_key(each): each["rules"] for each in objects if "rules" in each}
    bound = {"ClusterRoleBinding": list[Any](), "RoleBinding": list[Any]()}
    for each in objects:
        if each["kind"] in bound and any(subject["name"] == account for subject in each["subjects"]):
            bound[each["kind"]] += roles[each["roleRef"]["kind"], each["roleRef"]["name"]]
    return {
        "deployments": [
            {
                "name": deployment["metadata"]["name"],
                "label": template["metadata"]["labels"],
                "spec": deployment["spec"],
            }
        ],
        "clusterPermissions": [{"serviceAccountName": account, "rules": bound["ClusterRoleBinding"]}],
        "permissions": [{"serviceAccountName": account, "rules": bound["RoleBinding"]}],
    }


def _owned(definition: Mapping[str, Any]) -> dict[str, str]:
    spec, (first, *_) = definition["spec"], definition["spec"]["versions"]
    return {
        "name": definition["metadata"]["name"],
        "version": first["name"],
        "kind": spec["names"]["kind"],
        "displayName": spec["names"]["kind"],
        "description": first["schema"]["openAPIV3Schema"]["description"],
    }


def _examples(definitions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The shortest document of each kind in examples/."""
    texts = (document_of(each["spec"]["names"]["kind"])[0] for each in definitions)
    # libyaml reads more plain scalars in flow mappings than PyYAML's own parser, as the product does
    return [yaml.CSafeLoader(text).get_single_data() for text in texts if text]


def _annotations() -> dict[str, Any]:
    prefix = "operators.operatorframework.io.bundle"
    return {
        "annotations": {
            f"{prefix}.mediatype.v1": "registry+v1",
            f"{prefix}.manifests.v1": "manifests/",
            f"{prefix}.metadata.v1": "metadata/",
            f"{prefix}.package.v1": _NAME,
            f"{prefix}.channels.v1": _CHANNEL,
            f"{prefix}.channel.default.v1": _CHANNEL,
        }
    }


def main(arguments: list[str]) -> int:
    """Write the bundle; the exit code."""
    if len(arguments) != len(("folder", "image")):
        print(__doc__, file=sys.stderr)
        return 2
    for name, text in files(arguments[1]).items():
        path = Path(arguments[0]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
