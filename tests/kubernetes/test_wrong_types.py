"""Values of a wrong type in objects of every kind: refused with their path, or reported in the object's status."""

import json
import re
from collections.abc import Iterator
from typing import Any

from controller.core.path import Path, dotted_path, with_value
from controller.crds.definition import definition
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from controller.schema.shape import shape
from tests.kubernetes.corpus import least_spec
from tests.kubernetes.documents import Json, group
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.kubernetes.rig.kubectl import as_list

_WRONG: dict[str, tuple[Any, ...]] = {
    "structure": ("text",),
    "map": ("text",),
    "list": ("text",),
    "string": (5,),
}


def _wrong_specs(kind: str) -> Iterator[tuple[Path, Json]]:
    """Specs of a kind with one wrong type each, and its path: one for each type among the kind's members."""
    kind_contract, spec, seen = contract(kind), least_spec(contract(kind)), set()
    if kind_contract.taggable:
        yield ("tags",), {**spec, "tags": ["a", "b"]}
    for name in sorted(kind_contract.spec.members):
        sort = shape(kind_contract.spec.members[name]).type
        # Documents are open.
        left_out = (
            "Tags",
            *kind_contract.spec.tokens,
            *kind_contract.kind.write.outputs,
            *kind_contract.kind.compare.documents,
        )
        if name in left_out or sort in seen:
            continue
        for value in _WRONG.get(sort, ()):
            seen.add(sort)
            yield (lower_camel(name),), with_value(spec, (lower_camel(name),), value)


def _is_open(kind: str) -> Iterator[tuple[Path, Json]]:
    """Specs with a wrong type at each member of a kind whose schema is open, so that the server accepts it."""
    versions = definition(kind)["spec"]["versions"][0]
    for name, of in versions["schema"]["openAPIV3Schema"]["properties"]["spec"].get("properties", {}).items():
        inside = of.get("additionalProperties", {})
        mark = "x-kubernetes-preserve-unknown-fields"
        if of.get(mark) and of.get("type") != "object":
            yield (name,), with_value(least_spec(contract(kind)), (name,), [5])
        if isinstance(inside, dict) and inside.get(mark):
            yield (name, "KEY"), with_value(least_spec(contract(kind)), (name,), {"KEY": ["text"]})


def _object(kind: str, number: int, spec: Json) -> Json:
    metadata = {"name": f"wrong-{number}"}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def test_no_wrong_type_gets_past_the_schema_and_the_operator(stage: OperatorStage) -> None:
    """Each is refused by the server with its path, or by the operator in the object's status."""
    made = [(kind, *each) for kind in KINDS for each in _wrong_specs(kind)]
    objects = [_object(kind, number, spec) for number, (kind, _, spec) in enumerate(made)]
    refused = stage.kubectl.run(
        "create", "--dry-run=server", "--validate=false", "-f", "-", given=as_list(objects)
    )
    assert refused.returncode == 1
    found = dict(re.findall(r'"(wrong-\d+)" is invalid: (.*)', refused.stderr))
    missed = [
        (kind, path)
        for number, (kind, path, _) in enumerate(made)
        if dotted_path(("spec", *path)) not in found.get(f"wrong-{number}", "")
    ]
    assert not missed, refused.stderr[:2000]
    assert "created (server dry run)" not in refused.stdout
    let_in = [(kind, *each) for kind in KINDS for each in _is_open(kind)]
    assert let_in
    stage.start(kinds=ALL_KINDS)
    held = [_object(kind, number, spec) for number, (kind, _, spec) in enumerate(let_in)]
    stage.kubectl.must("create", "--validate=false", "-f", "-", given=as_list(held))
    stage.apply(group())
    for number, (kind, path, _) in enumerate(let_in):
        wait_until(lambda kind=kind, number=number: stage.reason(kind, f"wrong-{number}") == "InvalidSpec")  # type: ignore[misc]
        message = stage.condition(kind, f"wrong-{number}", "Synced")["message"]
        assert dotted_path(("spec", *path)) in message, (kind, path, message)
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Ready")
    lines = stage.lines()
    assert stage.changes() == ["CreateModelPackageGroup"]
    assert not [line for line in lines if "Traceback" in json.dumps(line) or line.get("level") == "error"]
