"""``sagectl doctor``: its checks, and the hint for each error."""

import json
from typing import Any

import pytest

from controller.cli.doctor import CheckResult, skew
from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import SERVING

_NAMES = ["versions", "settings", "region", "credentials", "clock", "permissions", "inventory", "cluster"]


def _checks(shell: Shell, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    ran = shell.run("doctor", *arguments, "--format", "json")
    assert ran.code == code, ran
    return {each["check"]: each for each in json.loads(ran.out)}


def test_a_good_account_passes_every_check(shell: Shell, sandbox: Sandbox) -> None:
    """With credentials, a region and a correct clock there is no error, and nothing is changed."""
    shell.write("serving.yaml", SERVING)
    found = _checks(shell)
    assert list(found) == _NAMES
    assert {name: each["result"] for name, each in found.items()} == {
        **dict.fromkeys(_NAMES, "ok"), "cluster": "skipped",
    }  # fmt: skip
    assert not [call for call in sandbox.calls if call.mutating]
    assert {call.operation for call in sandbox.calls} == {
        "GetCallerIdentity", "ListModels", "ListEndpointConfigs", "ListEndpoints",
    }  # fmt: skip


def test_the_embedded_sandbox_needs_no_account(local_shell: Shell) -> None:
    """Without an account the sandbox passes."""
    assert _checks(local_shell)["clock"]["result"] == "skipped"


def test_no_region_and_no_credentials(bare_shell: Shell) -> None:
    """A missing one is an error with its hint, and the checks that depend on it are skipped."""
    assert "AWS_REGION" in _checks(bare_shell, code=1)["region"]["found"]
    bare_shell.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    found = _checks(bare_shell, "--region", "eu-west-1", code=1)
    assert found["credentials"]["result"] == "error"
    assert "aws configure" in found["credentials"]["hint"]
    assert "inventory" not in found


def test_denied_reads_are_named(shell: Shell, sandbox: Sandbox) -> None:
    """A denied List is an error that names it and the policy to attach."""
    sandbox.inject(InjectedFault.DENIED, operation="ListModels", times=None)
    shell.write("serving.yaml", SERVING)
    check = _checks(shell, code=1)["permissions"]
    assert "ListModels" in check["found"]
    assert "sagectl iam" in check["hint"]


def test_settings_of_another_account_and_a_broken_inventory(shell: Shell) -> None:
    """A wrong account, unreadable settings and an inventory of another set are errors."""
    shell.write("ml/sagectl.yaml", "account: '000000000000'\n")
    assert "000000000000" in _checks(shell, "ml", code=1)["credentials"]["found"]
    shell.write("ml/sagectl.yaml", "acount: x\n")
    assert _checks(shell, "ml", code=1)["settings"]["result"] == "error"
    shell.write(".state/broken.json", "{")
    check = _checks(shell, "--inventory", ".state/broken.json", code=1)["inventory"]
    assert "rebuild" in check["hint"]


def test_a_cluster_that_does_not_answer(shell: Shell) -> None:
    """A kubeconfig of an unreachable server is an error that names the options."""
    cluster = "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\nusers: [{name: u, user: {}}]\n"
    contexts = "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n"
    shell.write("kube", f"apiVersion: v1\nkind: Config\n{cluster}{contexts}")
    check = _checks(shell, "--kubeconfig", "kube", code=1)["cluster"]
    assert "--kubeconfig" in check["hint"]
    assert _checks(shell, "--kubeconfig", "nowhere", code=1)["cluster"]["result"] == "error"


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, CheckResult.GOOD),
        (59, CheckResult.GOOD),
        (-61, CheckResult.DOUBTFUL),
        (301, CheckResult.BAD),
        (-4000, CheckResult.BAD),
    ],
)
def test_a_clock_is_judged_by_its_distance(seconds: float, verdict: CheckResult) -> None:
    """AWS accepts a difference of five minutes in either direction."""
    assert skew(seconds).verdict is verdict


def test_the_text_has_a_line_for_each_check(shell: Shell) -> None:
    """The text has a line for each check, and a hint below an error."""
    ran = shell.run("doctor", "--kubeconfig", "nowhere")
    assert "ok       credentials: account 123456789012" in ran.out
    assert "error    cluster: " in ran.out
