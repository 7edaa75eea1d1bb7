from pathlib import Path

import pytest

from controller.engine.restrictions import UNRESTRICTED
from controller.manifests.document import Adopt, Deletion, IgnoredTags
from controller.operator.accounts import Role, Tenants
from controller.operator.grants import Grant
from controller.operator.tenants import TenantsError, tenants
from tests.repo.files import ROOT


def test_the_example_is_understood() -> None:
    """Each namespace has its role; an unnamed one has none."""
    tenant_rules = tenants(str(ROOT / "deploy" / "examples" / "tenants" / "tenants.yaml"))
    assert tenant_rules.of("risk") == Role(
        "arn:aws:iam::111111111111:role/sagemaker-gitops-risk", "risk-7f3a"
    )
    assert tenant_rules.of("documents") == Role(
        "arn:aws:iam::222222222222:role/sagemaker-gitops-documents", "documents-91cc", "eu-central-1"
    )
    assert tenant_rules.of("another") is None
    assert tenant_rules.across_namespaces is False
    assert tenant_rules.by_approval == {"documents"}


def test_without_a_file_all_work_under_the_operators_identity() -> None:
    """Without a configuration nothing is refused."""
    assert tenants(None) == Tenants()
    assert Tenants().of("any") == Role()


WRONG = (
    "",
    "[]",
    "namespace: {}",
    "acrossNamespaces: true",
    "namespaces: {a: {allow: {kind: [Model]}}}",
    "namespaces: {a: {allow: {kinds: [Modle]}}}",
    "namespaces: {a: {allow: {adopt: Sometimes}}}",
    "namespaces: {a: {allow: {replace: Forbid}}}",
    "namespaces: {a: {allow: {deletion: no}}}",
    "namespaces: {a: {allow: {sets: ['*']}}}",
    "namespaces: {a: {allow: {sets: ['a*b']}}}",
    "namespaces: {a: {allow: {sourceRepos: ['https://git.example.com*']}}}",
    "namespaces: {a: {allow: {sourceRepos: ['https://*/team/']}}}",
    "namespaces: {a: {allow: {reportHosts: ['*.example.com']}}}",
    "namespaces: {a: {allow: {reportHosts: ['https://git.example.com']}}}",
    "namespaces: {a: {deletionPolicy: Never}}",
    "namespaces: {A.b: {}}",
    "namespaces: {}\ndefaults: {roleArn: x}",
    "namespaces: [a]",
    "namespaces: {a: {role: x}}",
    "namespaces: {a: {roleArn: 7}}",
    "acrossNamespaces: maybe",
    "namespaces: {a: {mode: Off}}",
    "namespaces: {a: &x {}}",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_is_not_understood_allows_nothing(text: str, tmp_path: Path) -> None:
    """An error in the file ends the start; it never widens what is allowed."""
    path = tmp_path / "tenants.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TenantsError):
        tenants(str(path))


def test_an_empty_list_of_namespaces_denies_all(tmp_path: Path) -> None:
    """Namespaces that a file does not name are refused."""
    path = tmp_path / "tenants.yaml"
    path.write_text("namespaces: {}\n", encoding="utf-8")
    assert tenants(str(path)).of("any") is None


FULL = """\
namespaces:
  risk:
    deletionPolicy: Retain
    allow:
      adopt: IfUnowned
      kinds: [Model, GitSync]
      sets: [fleet, "shared.*"]
      sourceRepos: ["https://git.example.com/risk/*", "https://git.example.com/shared.git"]
      reportHosts: [git.example.com]
      messageHosts: ["hooks.example.com:8443"]
  "*":
    mode: Plan
defaults:
  deletionPolicy: Confirm
  allow: {deletion: false, adopt: Never}
"""


def _read(text: str, folder: Path, policy: Deletion | None = None) -> Tenants:
    path = folder / "tenants.yaml"
    path.write_text(text, encoding="utf-8")
    return tenants(str(path), policy)


def test_a_namespace_is_granted_what_it_says_else_what_the_defaults_say(tmp_path: Path) -> None:
    """Each member comes from the namespace's entry or from ``defaults``; ``*`` is the entry of all others."""
    tenants = _read(FULL, tmp_path)
    risk, other = tenants.grant("risk"), tenants.grant("another")
    limits = risk.restrictions
    assert (limits.adopt, limits.deletion, limits.replace) == (Adopt.IF_UNOWNED, False, True)
    assert limits.kinds == frozenset({"Model", "GitSync"})
    assert limits.default_deletion is Deletion.RETAIN
    assert risk.report_hosts == {"git.example.com"}
    assert risk.message_hosts == {"hooks.example.com:8443"}
    assert (other.restrictions.adopt, other.restrictions.kinds) == (Adopt.NEVER, None)
    assert other.restrictions.default_deletion is Deletion.CONFIRM
    assert (
        tenants.of("another"),
        tenants.requires_approval("another"),
        tenants.requires_approval("risk"),
    ) == (Role(), True, False)


def test_a_rule_is_reported_with_its_position(tmp_path: Path) -> None:
    """Name of the file, line, column and path: of the namespace's own rule, or of the default."""
    limits = _read(FULL, tmp_path).grant("risk").restrictions
    assert limits.rules["kinds"] == "tenants.yaml:6:7: namespaces.risk.allow.kinds"
    assert limits.rules["deletion"] == "tenants.yaml:15:21: defaults.allow.deletion"


def test_all_errors_are_reported_with_their_positions(tmp_path: Path) -> None:
    """A finding for each error: its code, line and column, and the most similar valid value."""
    text = "namespaces:\n  risk:\n    allow: {kinds: [Modle], adopts: Never}\n    deletionPolicy: Keep\n"
    with pytest.raises(TenantsError) as caught:
        _read(text, tmp_path)
    found = [
        (each.code.value, each.origin and (each.origin.line, each.origin.column))
        for each in caught.value.findings
    ]
    assert sorted(found) == [("SG040", (3, 21)), ("SG040", (3, 37)), ("SG040", (4, 21))]
    assert "did you mean 'Model'?" in str(caught.value)
    assert "did you mean 'adopt'?" in str(caught.value)


def test_the_operators_own_default_of_deletion_comes_last(tmp_path: Path) -> None:
    """The namespace's, else the file's, else that of the operator's option; with a file or without."""
    tenant_rules = _read("namespaces: {a: {}, b: {deletionPolicy: Delete}}\n", tmp_path, Deletion.CONFIRM)
    assert tenant_rules.grant("a").restrictions.default_deletion is Deletion.CONFIRM
    assert tenant_rules.grant("b").restrictions.default_deletion is Deletion.DELETE
    assert tenants(None, Deletion.RETAIN).grant("any").restrictions.default_deletion is Deletion.RETAIN
    assert tenants(None).grant("any").restrictions == UNRESTRICTED


SETS = {
    "risk.prod": True,
    "risk.": False,
    "risk": False,
    "riskier.prod": False,
    "fleet": True,
    "fleet2": False,
    "shared.one": True,
    "shared": False,
    "default": False,
    "other.prod": False,
}


@pytest.mark.parametrize(("owner", "allowed"), SETS.items())
def test_a_set_begins_with_the_namespace_or_was_granted(owner: str, allowed: bool, tmp_path: Path) -> None:
    """Names that only begin alike are other names."""
    grant = _read(FULL, tmp_path).grant("risk")
    assert grant.may_own("risk", owner, "") is allowed
    assert grant.may_own("risk", owner, "k8s-1f") is allowed


OF_CLUSTER = {
    ("risk", "k8s-1f.risk.prod"): True,
    ("risk", "k8s-1f.risk."): False,
    ("risk", "k8s-1f.risk"): False,
    ("risk", "k8s-1f.riskier.prod"): False,
    ("risk", "k8s-1f"): False,
    ("risk", "k8s-2e.risk.prod"): False,
    ("k8s-1f", "k8s-1f.risk.prod"): False,
    ("k8s-1f", "k8s-1f.prod"): False,
    ("k8s-1f", "k8s-1f.k8s-1f.prod"): True,
}


@pytest.mark.parametrize(("namespace", "owner"), OF_CLUSTER)
def test_the_set_of_a_namespace_in_a_cluster(namespace: str, owner: str) -> None:
    """A namespace named like the cluster's own set owns none of the others' sets, which begin with that name."""
    assert Grant().may_own(namespace, owner, "k8s-1f") is OF_CLUSTER[namespace, owner]


REPOSITORIES = {
    "https://git.example.com/risk/fleet.git": True,
    "https://git.example.com/shared.git": True,
    "https://git.example.com/shared.git2": False,
    "https://git.example.com/riskier/fleet.git": False,
    "https://git.example.com.evil.example/risk/fleet.git": False,
    "ssh://git@git.example.com/risk/fleet.git": False,
}


@pytest.mark.parametrize(("url", "allowed"), REPOSITORIES.items())
def test_a_repository_is_one_of_those_that_are_listed(url: str, allowed: bool, tmp_path: Path) -> None:
    """An entry is an address, or the beginning of one with its complete host."""
    tenants = _read(FULL, tmp_path)
    assert tenants.grant("risk").follows(url) is allowed
    assert tenants.grant("another").follows(url)


def test_tags_of_a_namespace_go_before_those_of_the_defaults(tmp_path: Path) -> None:
    """Default tags are merged, ignored ones are joined; a key reserved by AWS is refused with its position."""
    text = (
        "namespaces:\n  risk: {defaultTags: {env: prod}, ignoreTags: {keys: [cost]}}\n  '*': {}\n"
        "defaults: {defaultTags: {env: dev, team: ml}, ignoreTags: {keyPrefixes: ['auto:']}}\n"
    )
    tenants = _read(text, tmp_path)
    risk, other = tenants.grant("risk").restrictions, tenants.grant("other").restrictions
    assert risk.default_tags == {"env": "prod", "team": "ml"}
    assert risk.ignored_tags == IgnoredTags(frozenset({"cost"}), ("auto:",))
    assert (other.default_tags, other.ignored_tags.keys) == ({"env": "dev", "team": "ml"}, frozenset())
    with pytest.raises(TenantsError, match=r"tenants\.yaml:2:"):
        _read("namespaces:\n  risk: {defaultTags: {'aws:x': y}}\n", tmp_path)
