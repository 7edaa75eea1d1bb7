"""Documents that tools parse differently: the same values by kubectl and from git, or an error with its position."""

import json
from typing import Any

import pytest

from controller.manifests.load import load_bytes
from controller.source.git.snapshot import Mirrors
from tests.kubernetes.rig.kubectl import Kubectl
from tests.source.git.conftest import forge, mirrors, repository  # noqa: F401 - fixtures
from tests.source.git.following import git_source, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

HEAD = (
    "apiVersion: sagemaker.gitops.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\n"
    "spec:\n  roleArn: arn:aws:iam::123456789012:role/r\n  pipelineDefinition:\n"
    "    Version: '2020-12-01'\n    Steps: [{Name: a, Type: Fail, Arguments: {}}]\n"
)
BOMB = "\n".join(f"    b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 7))
# Values under pipelineDefinition that PyYAML's default would read differently than another tool.
TRAPS = {
    "an account with a leading zero": "v: 012345670123",
    "an account that is no octal": "v: 012345678901",
    "an octal": "v: 0123",
    "exponents": "v: [1e3, 1E3, 1.5e3]",
    "base sixty": "v: 12:30:45",
    "words of truth": "v: [NO, off, on]",
    "a word of truth as a key": "on: 1",
    "a date": "v: 2024-01-01",
    "an underscore": "v: 1_0",
    "a key twice": "v: 1\n    v: 2",
    "a list in itself": "v: &a [*a]",
    "nine-way aliases": f"b0: &b0 [x]\n{BOMB}",
    "nesting": f"v: {'[' * 2000}{']' * 2000}",
    "a tag that runs": "v: !!python/object/apply:os.system [ls]",
    "a tag of a template": "v: !Ref a",
    "a merge": "v: {<<: {x: 1}}",
    "quoted": "v: ['012345670123', \"NO\", '1e3', '2024-01-01', '12:30:45']",
    "plain": "v: [1, -7, 0.5, true, null, text, 10.0.0.0/16]",
}
READ = {"exponents", "base sixty", "a date", "quoted", "plain"}


def _parse_with_kubectl(kubectl: Kubectl, text: str) -> Any:
    """What kubectl would send."""
    done = kubectl.must("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", given=text)
    return json.loads(done)["spec"]["pipelineDefinition"]


@pytest.mark.parametrize("trap", TRAPS, ids=str)
def test_ambiguous_yaml_is_read_as_by_kubectl_or_refused(
    trap: str,
    cluster_kubectl: Kubectl,
    forge: Forge,  # noqa: F811 - a fixture
    repository: Repository,  # noqa: F811 - a fixture
    mirrors: Mirrors,  # noqa: F811 - a fixture
) -> None:
    """Row 12: in a pushed file each has the value that kubectl sends, or is a finding with file, line and column."""
    text = f"{HEAD}    {TRAPS[trap]}\n"
    repository.commit({"trap.yaml": text})
    found = load_bytes(snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files)
    if trap in READ:
        assert not found.findings
        assert found.documents[0].spec["pipelineDefinition"] == _parse_with_kubectl(cluster_kubectl, text)
        return
    origins = [finding.origin for finding in found.findings if finding.origin]
    assert origins
    assert all(origin.file == "trap.yaml" and origin.line >= 9 and origin.column > 0 for origin in origins)
