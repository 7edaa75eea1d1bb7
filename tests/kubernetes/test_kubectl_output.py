"""The output for users: explain, tables, short names, and make apiserver."""

import re
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from controller.crds import definition
from controller.crds.definition import short_name
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.contract import contract
from tests.kinds.sample import walk
from tests.kubernetes.corpus import least_spec
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.kubernetes.rig.server import Access
from tests.repo.files import ROOT

_ONE_DEFINITION = """
import sys
from tests.kubernetes.rig.__main__ import play, serve, shutdown_message
sys.exit(play([], lambda folder, report: serve(folder, report, "models"), shutdown_message))
"""


def _read_schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


@pytest.mark.parametrize("kind", walk(KINDS))
def test_explain_describes_every_member(kind: str, cluster_kubectl: Kubectl) -> None:
    """``kubectl explain`` shows each member of a spec with its description."""
    message = " ".join(cluster_kubectl.must("explain", f"{short_name(kind)}.spec").split())
    for name, schema in _read_schema(kind)["properties"]["spec"].get("properties", {}).items():
        assert re.search(rf"\b{name} <", message), name
        assert " ".join(schema["description"].split()) in message, name


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_has_a_description(kind: str) -> None:
    """Every member of spec, policy and status has a description that ends in a full stop."""
    bare: list[str] = []

    def check_schema(schema: dict[str, Any], path: str) -> None:
        for name, inner in schema.get("properties", {}).items():
            if not inner.get("description", "").endswith("."):
                bare.append(f"{path}.{name}")
            check_schema(inner, f"{path}.{name}")
        for part in ("items", "additionalProperties"):
            if part in schema:
                check_schema(schema[part], f"{path}[]")

    for part in ("spec", "policy", "status"):
        check_schema(_read_schema(kind)["properties"][part], part)
    assert not bare


def test_the_table_of_kubectl_get(kubectl: Kubectl) -> None:
    """``kubectl get`` by category and by short name shows readiness, the reason, AWS's status and name, and the age."""
    made = [
        {
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": {"name": "sample", "namespace": kubectl.namespace},
            "spec": least_spec(contract(kind)),
        }
        for kind in KINDS
    ]
    kubectl.must("create", "-f", "-", given=as_list(made))
    kind = min(KINDS)
    kubectl.must(
        "patch", short_name(kind), "sample", "--subresource=status", "--type=merge", "-p", _sample_status()
    )
    table = kubectl.must("get", short_name(kind)).splitlines()
    assert table[0].split() == ["NAME", "READY", "SYNCED", "REASON", "AWS-STATUS", "AWS-NAME", "AGE"]
    assert table[1].split()[:6] == ["sample", "True", "Unknown", "Settled", "InService", "sample-0a1b2c3d4e"]
    wide = kubectl.must("get", short_name(kind), "-o", "wide").splitlines()
    assert wide[1].split()[6] == "arn:aws:one"
    listed = kubectl.must("get", "sagemaker", "-o", "name").split()
    assert len(listed) == len(KINDS)


def _sample_status() -> str:
    conditions = [
        f'{{"type": "{kind}", "status": "{status}", "reason": "Settled", "message": "", '
        '"lastTransitionTime": "2026-01-31T12:00:00Z"}'
        for kind, status in (("Ready", "True"), ("Synced", "Unknown"))
    ]
    message = '"awsStatus": "InService", "awsName": "sample-0a1b2c3d4e", "arn": "arn:aws:one"'
    return f'{{"status": {{{message}, "conditions": [{", ".join(conditions)}]}}}}'


def test_status_is_not_written_by_an_apply(kubectl: Kubectl) -> None:
    """Status is a subresource: an apply does not write it, and members outside the schema are dropped."""
    kind = min(KINDS)
    document = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "sample"},
        "spec": least_spec(contract(kind)),
        "status": {"awsName": "mine"},
    }
    kubectl.must("create", "-f", "-", given=as_list([document]))
    assert kubectl.must("get", short_name(kind), "sample", "-o", "jsonpath={.status}") == (
        '{"observedGeneration":-1}'
    )


def test_the_operators_user_has_no_rights_of_its_own(apiserver: Access) -> None:
    """The second user of the rig exists and has only the permissions of the operator's roles."""
    operator = Kubectl(replace(apiserver, kubeconfig=apiserver.operator))
    assert "sagemaker-gitops" in operator.must("auth", "whoami")
    done = operator.run("get", "nodes")
    assert done.returncode == 1
    assert "forbidden" in done.stderr


def test_make_apiserver_starts_and_stops(apiserver: object) -> None:
    """``make apiserver`` prints how to use the server, and an interrupt stops all of it.

    With one definition: all of them, which the server of the tests has by the same command, take 8 s of CPU time.
    """
    command = [sys.executable, "-c", _ONE_DEFINITION]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        lines = []
        for line in running.stderr:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    text = "".join(lines)
    assert running.returncode == 0, text + rest
    assert "export KUBECONFIG=" in text
    folder = re.search(r"KUBECONFIG=(\S+)/kubeconfig", text)
    assert folder
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert folder[1] not in left
