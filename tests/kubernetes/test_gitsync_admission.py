"""What the API server itself refuses of a GitSync, before the operator sees it."""

from typing import Any

import pytest

from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.syncs import gitsync_object

URL = "https://git.example.com/ml/fleet.git"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

REPORT = {
    "host": "gitlab",
    "api": "https://git.example.com/api/v4",
    "repository": "ml/risk/fleet",
    "secretRef": {"name": "forge"},
}
ELSEWHERE = {"name": "../../victim/secrets/db"}
MESSAGE = {"url": "https://hooks.example.com/sync?of=prod", "secretRef": {"name": "signing"}}

GOOD = [
    gitsync_object(URL),
    gitsync_object(URL, source={"ref": {"commit": COMMIT}}),
    gitsync_object(URL, source={"ref": {"semver": ">=1.2 <2"}, "path": "prod/eu", "include": ["*.yaml"]}),
    gitsync_object("ssh://git@git.example.com:2222/ml.git", source={"secretRef": {"name": "login"}}),
    gitsync_object(
        URL, values={"env": "prod", "count": 2, "hot": True}, dependsOn=["base"], mode="Plan", prune=True
    ),
    gitsync_object(URL, deletion="Delete", set="fleet", suspend=True, timeout="30m", secrets=["sign-in"]),
    gitsync_object(URL, report={**REPORT, "pullRequests": True, "context": "ci/prod"}, message=MESSAGE),
    gitsync_object(URL, source={"ref": {"name": "refs/heads/x"}}, report={**REPORT, "pullRequests": True}),
    gitsync_object(URL, source={"ref": {"tag": "v1"}}, report={**REPORT, "pullRequests": False}),
]

BAD = [
    (gitsync_object(URL, source={"ref": {}}), "exactly one of branch, tag, semver, commit, name"),
    (gitsync_object(URL, source={"ref": {"branch": "main", "tag": "v1"}}), "exactly one of"),
    (gitsync_object(URL, source={"ref": {"commit": "abc123"}}), "spec.source.ref.commit"),
    (gitsync_object(URL, source={"ref": {"name": "main"}}), "spec.source.ref.name"),
    (gitsync_object("http://git.example.com/ml.git"), "spec.source.url"),
    (gitsync_object("https://me:secret@git.example.com/ml.git"), "spec.source.url"),
    (gitsync_object("ssh://git@git.example.com/ml.git"), "ssh needs a secretRef"),
    (gitsync_object(URL, source={"path": "../other"}), "stays in it"),
    (gitsync_object(URL, source={"path": "/etc"}), "stays in it"),
    (gitsync_object(URL, interval="5s"), "10s or longer"),
    (gitsync_object(URL, interval="soon"), "spec.interval"),
    (gitsync_object(URL, mode="Maybe"), "spec.mode"),
    (gitsync_object(URL, deletion="Perhaps"), "spec.deletion"),
    (gitsync_object(URL, dependsOn=["prod"]), "can't depend on itself"),
    (gitsync_object(URL, name="a.b"), "small letters, digits and dashes"),
    (gitsync_object(URL, branch="main"), "unknown field"),
    (gitsync_object(URL, report={**REPORT, "host": "sourceforge"}), "spec.report.host"),
    (gitsync_object(URL, report={**REPORT, "api": "http://git.example.com"}), "spec.report.api"),
    (gitsync_object(URL, report={**REPORT, "repository": "fleet"}), "spec.report.repository"),
    (gitsync_object(URL, report={**REPORT, "token": "secret"}), "unknown field"),
    (gitsync_object(URL, message={"url": MESSAGE["url"]}), "spec.message.secretRef"),
    (gitsync_object(URL, message={**MESSAGE, "secretRef": ELSEWHERE}), "spec.message.secretRef.name"),
    (gitsync_object(URL, report={**REPORT, "secretRef": ELSEWHERE}), "spec.report.secretRef.name"),
    (gitsync_object(URL, source={"secretRef": ELSEWHERE}), "spec.source.secretRef.name"),
    (gitsync_object(URL, source={"verify": {"secretRef": ELSEWHERE}}), "spec.source.verify.secretRef.name"),
    (gitsync_object(URL, secrets=["sign-in", ELSEWHERE["name"]]), "spec.secrets[1]"),
    (gitsync_object(URL, dependsOn=["../other"]), "spec.dependsOn[0]"),
    (
        gitsync_object(URL, source={"ref": {"tag": "v1"}}, report={**REPORT, "pullRequests": True}),
        "pull requests are planned only for a sync",
    ),
]


@pytest.mark.parametrize("good", GOOD)
def test_a_good_sync_is_taken(kubectl: Kubectl, good: dict[str, Any]) -> None:
    """What the documentation shows is accepted unchanged."""
    answer = kubectl.dry_run(good)
    assert answer.accepted, answer.message


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_an_error_is_refused_with_its_path(kubectl: Kubectl, bad: dict[str, Any], message: str) -> None:
    """Row 4 and others: two refs, none, a login in the address, a path outside: refused at once, with the reason."""
    answer = kubectl.dry_run(bad)
    assert not answer.accepted
    assert message in answer.message


def test_explain_describes_every_field(cluster_kubectl: Kubectl) -> None:
    """``kubectl explain`` has a description of each field."""
    shown = cluster_kubectl.must("explain", "gitsync.spec", "--recursive=false")
    assert "<no description>" not in shown
    assert "Plan makes only approved ones" in shown
    assert "known_hosts" in cluster_kubectl.must("explain", "gitsync.spec.source.secretRef")
