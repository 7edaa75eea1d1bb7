import pytest

from controller.cloud import connect
from controller.core.cloud import Call, CloudError
from controller.operator.accounts import Accounts, Fenced, Role, Tenants
from controller.sandbox import Sandbox

GROUP = Call("CreateModelPackageGroup", {"ModelPackageGroupName": "fraud"})


def test_who_does_not_lead_reads_and_changes_nothing() -> None:
    """Row 68: Behind the fence reads go through, and a change is refused before it is sent."""
    sandbox = Sandbox()
    told: list[tuple[str, str]] = []
    fenced = Fenced(
        connect(region="us-east-1", attach=sandbox.attach),
        "turn-1",
        lambda: False,
        lambda call, ended: told.append((call.operation, ended)),
    )
    fenced.call(Call("ListModelPackageGroups"))
    with pytest.raises(CloudError, match="another replica leads"):
        fenced.call(GROUP)
    assert [each.operation for each in sandbox.calls] == ["ListModelPackageGroups"]
    assert told == [("ListModelPackageGroups", "done")]


def test_a_role_is_opened_once_and_a_namespace_without_one_never() -> None:
    """Row 66: Namespaces of one role share its cloud, and so its pace; one that is not named has none."""
    sandbox = Sandbox()
    opened: list[Role] = []

    def open_one(role: Role) -> object:
        opened.append(role)
        return connect(region="us-east-1", attach=sandbox.attach)

    role = Role("arn:aws:iam::111111111111:role/x")
    accounts = Accounts(Tenants({"a": role, "b": role}), open_one)  # type: ignore[arg-type]
    assert accounts.of("a") is accounts.of("b")
    assert accounts.of("c") is None
    assert opened == [role]
