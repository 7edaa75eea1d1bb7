"""Old generations in use by a resource outside of the cluster: they are deleted after its deletion."""

from typing import Any

import pytest
import yaml

from controller.core.ref import Ref
from controller.operator.constants import path_of
from tests.benchmarks.virtual_operator import VirtualOperator
from tests.kinds.cases import CASES
from tests.sandbox.conftest import client_of
from tests.simulation.replica import NAMESPACE

_HOUR = 3600.0
_KIND = "EndpointConfig"


def _edit_and_wait(operator: VirtualOperator) -> tuple[Any, str, str]:
    """A client of the account, the object's path, and the name of its first generation, which an endpoint uses."""
    case = CASES[_KIND]
    before, after = (yaml.safe_load(case.document(_KIND, text)) for text in case.frozen)
    operator.create([yaml.safe_load(text) for text in case.needs])
    operator.create([before])
    operator.wait(60, 5)
    path, client = str(path_of(Ref(_KIND, case.name, NAMESPACE))), client_of(operator.account.sandbox)
    name = str(operator.cluster.objects[path]["status"]["awsName"])
    client.create_endpoint(EndpointName="theirs", EndpointConfigName=name)
    operator.cluster.change(path, spec=after["spec"])
    operator.wait(3 * _HOUR, 5)
    return client, path, name


def _config_names(client: Any) -> set[str]:
    return {each["EndpointConfigName"] for each in client.list_endpoint_configs()["EndpointConfigs"]}


def test_an_old_generation_is_deleted_after_its_last_foreign_user() -> None:
    """No object changes with that user, and the List of the kind is the same as before."""
    operator = VirtualOperator()
    client, path, name = _edit_and_wait(operator)
    assert name in _config_names(client)
    client.delete_endpoint(EndpointName="theirs")
    operator.wait(3 * _HOUR, 5)
    assert _config_names(client) == {operator.cluster.objects[path]["status"]["awsName"]}


@pytest.mark.parametrize("policy", [{"deletion": "Retain"}, {}], ids=["Retain", "Delete"])
def test_a_kept_old_generation_costs_no_passes(policy: dict[str, str]) -> None:
    """A generation kept by ``policy.deletion`` is not tried again; a used one is, once in each resync."""
    operator = VirtualOperator()
    _, path, _ = _edit_and_wait(operator)
    operator.cluster.change(path, policy=policy)
    operator.wait(_HOUR, 5)
    operator.calls()
    operator.wait(4 * _HOUR, 5)
    described = operator.calls()["DescribeEndpointConfig"]
    assert described == 0 if policy else 0 < described <= 12
