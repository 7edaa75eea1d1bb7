"""Tags that are removed during a creation: nothing is changed because of the tags at its start."""

from typing import Any

import pytest
import yaml

from controller.core.ref import Ref
from controller.engine.observed import PREFIX
from controller.operator.constants import path_of
from controller.schema.contract import contract
from tests.benchmarks.virtual_operator import VirtualOperator
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.sandbox.conftest import client_of
from tests.simulation.invariants import status_of
from tests.simulation.replica import NAMESPACE

_AT_WORK = ("Creating", "Pending", "Initializing", "CREATING")
EDITED = [
    kind
    for kind, case in CASES.items()
    if contract(kind).taggable and contract(kind).status_member and set(case.changes) - set(case.during)
]


def _row(operator: VirtualOperator, kind: str) -> Any:
    rows = operator.account.rows().values()
    return next((row for row in rows if row.kind == kind and status_of(row) in _AT_WORK), None)


@pytest.mark.parametrize("kind", walk(EDITED))
def test_an_edit_during_a_creation_reads_the_owner_first(kind: str) -> None:
    """Its object was edited while AWS created it; the pass that finds it done reads the owner before it changes it."""
    operator, case = VirtualOperator(), CASES[kind]
    before, after = next(pair for member, pair in case.changes.items() if member not in case.during)
    needs = [yaml.safe_load(text) for text in case.needs]
    operator.create(needs)
    operator.wait(4000, 5)
    made, edited = (yaml.safe_load(case.document(kind, text)) for text in (before, after))
    operator.create([made])
    operator.wait(2)
    row = _row(operator, kind)
    if row is None:
        return  # the sandbox creates it at once
    keys = [key for key in row.tags if key.startswith(PREFIX)]
    client_of(operator.account.sandbox).delete_tags(ResourceArn=row.arn, TagKeys=keys)
    path = str(path_of(Ref(kind, case.name, NAMESPACE)))
    operator.cluster.change(path, spec=edited["spec"])
    operator.calls()
    operator.wait(4000, 5)
    changing = {name for name in operator.calls() if name.startswith(("Update", "Stop", "Start", "Delete"))}
    assert not changing
    conditions = operator.cluster.objects[path]["status"]["conditions"]
    assert {each["reason"] for each in conditions if each["type"] == "Synced"} <= {"ForeignOwner", "NotOwned"}
