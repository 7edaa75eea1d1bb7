from pathlib import Path

import pytest

from controller.operator.accounts import Role, Tenants
from controller.operator.tenants import TenantsError, tenants
from tests.house.house import ROOT


def test_the_example_is_understood() -> None:
    """Each namespace has its role; one that is not named has none."""
    told = tenants(str(ROOT / "deploy" / "examples" / "tenants" / "tenants.yaml"))
    assert told.of("risk") == Role("arn:aws:iam::111111111111:role/sagemaker-gitops-risk", "risk-7f3a")
    assert told.of("documents") == Role(
        "arn:aws:iam::222222222222:role/sagemaker-gitops-documents", "documents-91cc", "eu-central-1"
    )
    assert told.of("another") is None
    assert told.across_namespaces is False
    assert told.by_approval == {"documents"}


def test_without_a_file_all_work_under_the_operators_identity() -> None:
    """Nothing is configured, so nothing is refused."""
    assert tenants(None) == Tenants()
    assert Tenants().of("any") == Role()


WRONG = (
    "",
    "[]",
    "namespace: {}",
    "namespaces: [a]",
    "namespaces: {a: {role: x}}",
    "namespaces: {a: {roleArn: 7}}",
    "acrossNamespaces: maybe",
    "namespaces: {a: {mode: Off}}",
    "namespaces: {a: &x {}}",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_is_not_understood_allows_nothing(text: str, tmp_path: Path) -> None:
    """A mistake in the file ends the start; it never widens what is allowed."""
    path = tmp_path / "tenants.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TenantsError):
        tenants(str(path))


def test_an_empty_list_of_namespaces_denies_all(tmp_path: Path) -> None:
    """The file is there, so what it does not name is refused."""
    path = tmp_path / "tenants.yaml"
    path.write_text("namespaces: {}\n", encoding="utf-8")
    assert tenants(str(path)).of("any") is None
