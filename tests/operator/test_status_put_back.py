"""An earlier status, which a tenant writes instead of the operator's."""

import pytest
import yaml

from controller.core.ref import Ref
from controller.operator.constants import path_of
from tests.benchmarks.virtual_operator import VirtualOperator
from tests.benchmarks.watch import is_ready
from tests.kinds.cases import CASES
from tests.simulation.replica import NAMESPACE


@pytest.mark.parametrize("kind", ["Pipeline", "Endpoint", "Domain"])
def test_an_earlier_status_is_replaced_by_the_true_one(kind: str) -> None:
    """Whatever the object showed before it was Ready: it is Ready again a moment later, and AWS is unchanged."""
    operator, case = VirtualOperator(), CASES[kind]
    documents = [
        yaml.safe_load(text)
        for text in (*case.needs, case.document(kind, next(iter(case.changes.values()))[0]))
    ]
    operator.create(documents)
    operator.ready(documents)
    operator.wait(60)
    path = str(path_of(Ref(kind, case.name, NAMESPACE)))
    earlier = [value.get("status") for at, value, _ in operator.cluster.events if at == path]
    operator.calls()
    for status in earlier:
        operator.cluster.change(path, status=status)
        operator.wait(120, 1)
        assert is_ready(operator.cluster.objects[path]), status
    assert not [name for name in operator.calls() if name.startswith(("Create", "Update", "Delete"))]
