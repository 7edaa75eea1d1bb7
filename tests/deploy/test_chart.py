"""The Helm chart: it renders the manifests of deploy/base, and each value changes only its own part."""

import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.operator.rbac import rbac_text
from tests.deploy.programs import Tool
from tests.repo.files import ROOT

CHART = ROOT / "charts" / "sagemaker-gitops"
NAMESPACE = "sagemaker-gitops"
# A Helm without release flags takes 1.20 for the cluster's.
_TEMPLATE = ("template", "gitops", "--kube-version=1.33.0")
Manifest = dict[str, Any]
Objects = dict[tuple[str, str], Manifest]

# Options of `helm template`, and what they add or change: the object, the path in it, and the value there.
VALUES: tuple[tuple[list[str], tuple[str, str], str, Any], ...] = (
    (
        ["image.digest=sha256:" + "a" * 64],
        ("Deployment", NAMESPACE),
        "image",
        "sagemaker-gitops@sha256:" + "a" * 64,
    ),
    (["image.tag=1.2"], ("Deployment", NAMESPACE), "image", "sagemaker-gitops:1.2"),
    (["image.repository=r/x"], ("Deployment", NAMESPACE), "image", "r/x:0.1.0"),
    (["image.pullPolicy=Always"], ("Deployment", NAMESPACE), "imagePullPolicy", "Always"),
    (["imagePullSecrets[0].name=x"], ("Deployment", NAMESPACE), "imagePullSecrets", [{"name": "x"}]),
    (["replicas=3"], ("Deployment", NAMESPACE), "replicas", 3),
    (["operator.region=eu-west-1"], ("Deployment", NAMESPACE), "args", "--region=eu-west-1"),
    (["operator.set=prod"], ("Deployment", NAMESPACE), "args", "--set=prod"),
    (["operator.deletionPolicy=Retain"], ("Deployment", NAMESPACE), "args", "--deletion-policy=Retain"),
    (["operator.namespaces={a,b}"], ("Deployment", NAMESPACE), "args", "--namespace=b"),
    (["operator.workers=24"], ("Deployment", NAMESPACE), "args", "--workers=24"),
    (
        ["operator.tenants.acrossNamespaces=false"],
        ("Deployment", NAMESPACE),
        "args",
        "--tenants=/etc/sagemaker-gitops/tenants.yaml",
    ),
    (
        ["operator.tenants.acrossNamespaces=false"],
        ("ConfigMap", "sagemaker-gitops-tenants"),
        "tenants.yaml",
        "acrossNamespaces: false\n",
    ),
    (["operator.extraArgs={--resync=2h}"], ("Deployment", NAMESPACE), "args", "--resync=2h"),
    (["serviceAccount.annotations.x=y"], ("ServiceAccount", NAMESPACE), "annotations", {"x": "y"}),
    (["env[0].name=A", "env[0].value=b"], ("Deployment", NAMESPACE), "env", {"name": "A", "value": "b"}),
    (["extraVolumes[0].name=v"], ("Deployment", NAMESPACE), "volumes", {"name": "v"}),
    (["extraVolumeMounts[0].name=v"], ("Deployment", NAMESPACE), "volumeMounts", {"name": "v"}),
    (["cacheSize=5Gi"], ("Deployment", NAMESPACE), "sizeLimit", "5Gi"),
    (["resources.limits.memory=1Gi"], ("Deployment", NAMESPACE), "limits", {"memory": "1Gi"}),
    (["priorityClassName=high"], ("Deployment", NAMESPACE), "priorityClassName", "high"),
    (["nodeSelector.a=b"], ("Deployment", NAMESPACE), "nodeSelector", {"a": "b"}),
    (["tolerations[0].key=a"], ("Deployment", NAMESPACE), "tolerations", [{"key": "a"}]),
    (["affinity.nodeAffinity.x=y"], ("Deployment", NAMESPACE), "affinity", {"nodeAffinity": {"x": "y"}}),
    (["podAnnotations.a=b"], ("Deployment", NAMESPACE), "annotations", {"a": "b"}),
    (["podLabels.a=b"], ("Deployment", NAMESPACE), "labels", {"app.kubernetes.io/name": NAMESPACE, "a": "b"}),
    (
        ["networkPolicy.extraEgress[0].ports[0].port=2222"],
        ("NetworkPolicy", NAMESPACE),
        "egress",
        {"ports": [{"port": 2222}]},
    ),
    (
        ["prometheusRule.enabled=true", "prometheusRule.labels.a=b"],
        ("PrometheusRule", NAMESPACE),
        "labels",
        {"a": "b"},
    ),
    (
        ["serviceMonitor.enabled=true", "serviceMonitor.interval=9s"],
        ("ServiceMonitor", NAMESPACE),
        "interval",
        "9s",
    ),
    (
        ["serviceMonitor.enabled=true", "serviceMonitor.labels.a=b"],
        ("ServiceMonitor", NAMESPACE),
        "labels",
        {"a": "b"},
    ),
    (
        ["dashboard.enabled=true"],
        ("ConfigMap", "sagemaker-gitops-dashboard"),
        "labels",
        {"grafana_dashboard": "1"},
    ),
)
GONE: tuple[tuple[str, tuple[str, str]], ...] = (
    ("rbac.create=false", ("ClusterRole", NAMESPACE)),
    ("disruptionBudget.enabled=false", ("PodDisruptionBudget", NAMESPACE)),
    ("networkPolicy.enabled=false", ("NetworkPolicy", NAMESPACE)),
)


def _objects(text: str) -> Objects:
    documents = [each for each in yaml.safe_load_all(text) if each]
    return {(each["kind"], each["metadata"]["name"]): each for each in documents}


def _render_chart(helm: Tool, *values: str, namespace: str = NAMESPACE) -> Objects:
    options = [word for value in values for word in ("--set", value)]
    return _objects(helm.must(*_TEMPLATE, str(CHART), "--namespace", namespace, *options))


def _find_values(value: Any, key: str) -> list[Any]:
    """Every value of a key, at any depth."""
    if isinstance(value, dict):
        here = [value[key]] if key in value else []
        return here + [each for child in value.values() for each in _find_values(child, key)]
    return [each for child in value for each in _find_values(child, key)] if isinstance(value, list) else []


def _has_value(given: object, value: object) -> bool:
    """Whether a member is the value, or a map that has all of its entries."""
    both = isinstance(given, dict) and isinstance(value, dict)
    return given == value or (both and value.items() <= given.items())  # type: ignore[attr-defined]


def _without_namespace(objects: Objects) -> Objects:
    """The objects without their namespace: kustomize writes it into each, Helm only where the template does."""
    out = deepcopy(objects)
    for each in out.values():
        each["metadata"].pop("namespace", None)
    return out


def test_the_chart_has_no_findings(helm: Tool) -> None:
    """``helm lint --strict`` accepts it."""
    assert "0 chart(s) failed" in helm.must("lint", "--strict", str(CHART))


def test_the_version_is_that_of_the_project() -> None:
    """The chart and its image have the version of ``pyproject.toml``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["version"] == chart["appVersion"] == project["version"]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rbac.yaml", "deploy/base/rbac.yaml"),
        ("prometheus-rule.yaml", "deploy/alerts/prometheus-rule.yaml"),
        ("dashboard.json", "deploy/grafana/dashboard.json"),
    ],
)
def test_the_files_of_the_chart_are_in_step(name: str, source: str) -> None:
    """Helm reads nothing outside a chart, so it holds copies; ``make crds`` writes them."""
    assert (CHART / "files" / name).read_bytes() == (ROOT / source).read_bytes()
    assert (ROOT / "deploy/base/rbac.yaml").read_text(encoding="utf-8") == rbac_text()


def test_it_renders_what_kustomize_builds(helm: Tool, kubectl_program: Tool) -> None:
    """With the default values the chart has the objects of ``deploy/base``, with a tag of the image."""
    base = _without_namespace(_objects(kubectl_program.must("kustomize", str(ROOT / "deploy" / "base"))))
    chart = _without_namespace(_render_chart(helm))
    del base["Namespace", NAMESPACE]
    del chart["Service", NAMESPACE]["metadata"]["labels"]  # for the ServiceMonitor
    (container,) = chart["Deployment", NAMESPACE]["spec"]["template"]["spec"]["containers"]
    container["image"] = container["image"].removesuffix(":0.1.0")
    assert sorted(chart) == sorted(base)
    assert chart == base


def test_everything_goes_into_the_namespace_of_the_release(helm: Tool) -> None:
    """No object, and no subject of a binding, stays in the namespace of ``deploy/base``."""
    for key, each in _render_chart(helm, namespace="ml-platform").items():
        if not key[0].startswith("Cluster"):
            assert each["metadata"]["namespace"] == "ml-platform", key
        for subject in each.get("subjects", []):
            assert subject["namespace"] == "ml-platform", key


@pytest.mark.parametrize(("values", "key", "path", "value"), VALUES, ids=lambda each: str(each)[:40])
def test_a_value_changes_what_it_names(
    values: list[str], key: tuple[str, str], path: str, value: object, helm: Tool
) -> None:
    """Each value of ``values.yaml`` reaches its member."""
    found = _find_values(_render_chart(helm, *values)[key], path)
    elements = [each for member in found if isinstance(member, list) for each in member]
    assert any(_has_value(each, value) for each in [*found, *elements]), found


@pytest.mark.parametrize(("value", "key"), GONE, ids=str)
def test_an_object_can_be_left_out(value: str, key: tuple[str, str], helm: Tool) -> None:
    """Objects that a cluster may have already can be left out."""
    assert key in _render_chart(helm)
    assert key not in _render_chart(helm, value)


def _leaves(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict) or not value:
        return {path}
    return {leaf for key, each in value.items() for leaf in _leaves(each, f"{path}.{key}" if path else key)}


def test_every_value_has_a_case() -> None:
    """A further value needs an entry above."""
    values = _leaves(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")))
    options = [*(each for case in VALUES for each in case[0]), *(each for each, _ in GONE)]
    cases = {each.partition("=")[0] for each in options}
    lacking = {
        each for each in values if not any(re.match(re.escape(each) + r"(?=$|[.\[])", case) for case in cases)
    }
    assert lacking == {
        "dashboard.labels.grafana_dashboard",
        "resources.requests.cpu",
        "resources.requests.memory",
    }


@pytest.mark.parametrize(
    "value",
    ["operator.regoin=eu-west-1", "replica=2", "image.digest=latest", "operator.deletionPolicy=delete"],
)
def test_a_mistyped_value_is_refused(value: str, helm: Tool) -> None:
    """The schema has every value, so a mistyped one is refused."""
    done = helm.run(*_TEMPLATE, str(CHART), "--set", value)
    assert done.returncode != 0
    member = value.partition("=")[0].rpartition(".")[2]
    assert member in done.stderr


def test_a_package_holds_no_file_of_the_tests(helm: Tool, tmp_path: Path) -> None:
    """``helm package`` succeeds, and its archive can be rendered."""
    helm.must("package", str(CHART), "--destination", str(tmp_path))
    (archive,) = tmp_path.glob("*.tgz")
    assert _objects(helm.must(*_TEMPLATE, str(archive), "--namespace", NAMESPACE)) == _render_chart(helm)
