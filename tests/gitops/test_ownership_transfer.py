"""Transfer of ownership to another sync, which requires a trusted inventory."""

from dataclasses import replace

import pytest

from controller.core.ref import Ref
from controller.engine.provenance import without_proof
from controller.gitops.artifact import SourceArtifact
from controller.gitops.ownership_transfer import OtherSync, transfers_between
from controller.inventory.model import Entry, Inventory
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from tests.journeys.stage import compile_documents
from tests.kinds.cases import CASES
from tests.operator.forged_status import case_texts

EMPTY = Bundle({}, ())


@pytest.mark.parametrize("kind", list(KINDS))
def test_only_a_trusted_inventory_transfers_a_resource(kind: str) -> None:
    """A resource of another sync's inventory is transferred whatever its tag, so a forged inventory is not used."""
    case, ref = CASES[kind], Ref(kind, CASES[kind].name)
    desired = compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    ours = Inventory("ours", "123456789012", "us-east-1", "key")
    theirs = replace(ours, set="theirs", entries={ref: Entry(ref, "victim", applied={}, made=1)})
    other = OtherSync("other", SourceArtifact("revision", "key", EMPTY), True, theirs)
    assert transfers_between(desired, ours, [other], prune=True).taken == {ref}
    forged = replace(theirs, entries={ref: without_proof(theirs.entries[ref])})
    assert not transfers_between(desired, ours, [replace(other, held=forged)], prune=True).taken
