"""The tree with a document of every kind, with one member of each changed: an updatable one, and an immutable one."""

from collections.abc import Mapping
from typing import Any

import yaml

from controller.kinds import KINDS
from controller.schema.contract import contract
from tests.journeys.tree import TREE
from tests.kinds.cases import CASES

Document = dict[str, Any]
Pair = tuple[str, str]

_VARIANTS = """
productionVariants:
- {variantName: main, modelName: fraud, initialInstanceCount: %s, instanceType: ml.m5.large}
- {variantName: components, initialInstanceCount: 1, instanceType: ml.m5.large}
"""
_COMPONENT = "specification: {modelName: fraud, computeResourceRequirements: {minMemoryRequiredInMb: %s}}"
# The member to change, where that of the kind's case does not fit the rest of the tree.
_IN_THE_TREE: Mapping[str, Pair] = {
    "Pipeline": ("pipelineDescription: one", "pipelineDescription: two"),
    "UserProfile": ("userSettings: {securityGroups: [sg-1]}", "userSettings: {securityGroups: [sg-2]}"),
    "InferenceComponent": (_COMPONENT % 1024, _COMPONENT % 2048),
    "ModelPackage": CASES["ModelPackage"].changes["CustomerMetadataProperties"],
    # a new generation, to which the endpoint is updated
    "EndpointConfig": (_VARIANTS % 2, _VARIANTS % 3),
    "Endpoint": ("endpointConfigName: fraud", "endpointConfigName: fraud"),
    "TrainingJob": ("", ""),  # a run that has ended accepts no update
}
# server-side apply sets an emptied object to null
_LASTING: Mapping[str, str] = {"ClusterSchedulerConfig": "name: two"}
_BY_ITSELF = frozenset({"Trial"})  # its case names another experiment, which is not in the tree


def _change_pair(kind: str) -> Pair:
    case = CASES[kind]
    own = (pair for member, pair in case.changes.items() if member not in case.during)
    return _IN_THE_TREE.get(kind) or next(own, ("", ""))


def _with_members(document: Document, text: str) -> Document:
    return {**document, "spec": {**(document.get("spec") or {}), **(yaml.safe_load(text) or {})}}


def _creates_successor(kind: str) -> bool:
    """Whether a change that no update can make creates another resource beside the first."""
    row = KINDS[kind]
    found_by, generations = row.identity.found_by, row.lifecycle.generations
    return bool(generations or (found_by and found_by.generations) or row.lifecycle.runs)


BEFORE: Mapping[str, Document] = {
    kind: _with_members(yaml.safe_load(text), _change_pair(kind)[0]) for kind, text in TREE.items()
}
AFTER: Mapping[str, Document] = {
    kind: _with_members(each, _change_pair(kind)[1]) for kind, each in BEFORE.items()
}
CHANGED = frozenset(kind for kind in TREE if BEFORE[kind] != AFTER[kind])
FROZEN: Mapping[str, Document] = {
    kind: _with_members(AFTER[kind], _LASTING.get(kind) or CASES[kind].frozen[1])
    for kind in TREE
    if CASES[kind].frozen[1] and kind not in _BY_ITSELF and not _creates_successor(kind)
}


def update_of(kind: str) -> str:
    """The operation by which a change of the tree's document reaches AWS."""
    its = contract(kind)
    return its.updates.name if its.updates else its.creates.name
