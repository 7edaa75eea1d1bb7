"""Entries of a release before the normal form are interpreted correctly: no paid run is started again."""

from typing import Any

import pytest
import yaml

from controller.core.digest import digest
from controller.core.path import get, with_value
from controller.core.phase import Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.kinds import KINDS
from controller.manifests.resolve import HASH_DIGITS
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.names import camel_path, lower_camel, to_aws
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.tree import TREE
from tests.kinds.linked_documents import NAMES, dependencies_of

HASHED = tuple(kind for kind in TREE if KINDS[kind].lifecycle.has_hashed_names)
RUNS = tuple(kind for kind in HASHED if KINDS[kind].lifecycle.runs)


def _needs(kind: str) -> list[str]:
    """The dependencies of the tree's document of a kind, which may have its own kind, without the document itself."""
    return [text for text in dependencies_of(kind) if text != TREE[kind]]


def _document(kind: str) -> dict[str, Any]:
    """The tree's document with one default of the service written, which is another spelling of an equal spec."""
    body, kind_contract = yaml.safe_load(TREE[kind]), contract(kind)
    spec: Any = to_aws(body["spec"], kind_contract.spec)
    for pattern, value in KINDS[kind].compare.defaults.items():
        path = tuple(pattern.split("."))
        there = get(spec, path[:-1]) if path[:-1] else spec
        free = "[]" not in pattern and isinstance(there, dict) and path[-1] not in there
        if free and isinstance(value, str | int | float):
            body["spec"] = with_value(body["spec"], camel_path(path, kind_contract.spec), value)
            break
    return body  # type: ignore[no-any-return]


def _create_as_earlier_release(stage: Stage, kind: str, *, ends: bool) -> tuple[list[str], str]:
    """Create what the earlier release created, under that spelling's digest; returns its documents and its name."""
    stage.secrets["SECRET"] = "hush"
    stage.poll = 300
    needs, body, ref = _needs(kind), _document(kind), Ref(kind, NAMES[kind])
    stage.apply(*needs, timeout=40_000)
    written, kind_contract = yaml.safe_dump(body), contract(kind)
    sent = {
        k: v
        for k, v in (step_of(stage.plan(*needs, written), str(ref)).after or {}).items()
        if k != kind_contract.name_member
    }
    old = f"{ref.name}-{digest(kind_contract.fixed_part(sent))[:HASH_DIGITS]}"
    fixed = yaml.safe_dump({**body, "spec": {**body["spec"], lower_camel(kind_contract.name_member): old}})
    if ends:
        stage.apply(*needs, fixed, timeout=40_000)
    else:
        stage.reconcile(*needs, fixed)
    file = stage.folder / "inventory-default.json"
    held = file.read_text(encoding="utf-8")
    normal = step_of(stage.plan(*needs, fixed), str(ref)).digest
    file.write_text(held.replace(normal, digest(sent)), encoding="utf-8")
    stage.forget_calls()
    return [*needs, written], old


def _created_since(stage: Stage, kind: str) -> list[str]:
    """What was created since, of a kind."""
    return [each for each in stage.mutations() if each == f"Create{kind}"]


@pytest.mark.parametrize("kind", HASHED)
def test_an_earlier_resource_keeps_its_name(stage: Stage, kind: str) -> None:
    """The plan is empty and the name is the old one; nothing is created or started."""
    documents, old = _create_as_earlier_release(stage, kind, ends=True)
    for spelling in (documents, [*documents[:-1], TREE[kind]]):
        plan = stage.plan(*spelling)
        assert acting_steps(plan) == {}
        assert contract(kind).link_name(str(step_of(plan, f"{kind}/{NAMES[kind]}").name)) == old
        assert stage.apply(*spelling, timeout=40_000).convergence is Convergence.SETTLED
        assert _created_since(stage, kind) == []


@pytest.mark.parametrize("kind", RUNS)
def test_an_earlier_run_in_progress_is_followed(stage: Stage, kind: str) -> None:
    """An attempt under the digest of its spelling is this run's: it is followed to its end, and no other is started."""
    documents, _ = _create_as_earlier_release(stage, kind, ends=False)
    assert stage.apply(*documents, timeout=40_000).convergence is Convergence.SETTLED
    assert _created_since(stage, kind) == []


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_that_failed_is_not_run_again(stage: Stage, kind: str) -> None:
    """A failure under the digest of another spelling is this spec's: it is reported, and not run again."""
    stage.sandbox.inject(InjectedFault.FAIL, operation=f"Create{kind}")
    documents, _ = _create_as_earlier_release(stage, kind, ends=True)
    failed = step_of(stage.plan(*documents), f"{kind}/{NAMES[kind]}")
    assert failed.why is Reason.FAILED
    stage.apply(*documents, timeout=40_000)
    assert _created_since(stage, kind) == []


@pytest.mark.parametrize("kind", ["FeatureGroup"])
def test_a_failed_creation_is_not_tried_again(stage: Stage, kind: str) -> None:
    """A failure under the digest of its spelling is neither deleted nor recreated until its spec changes."""
    needs, ref = _needs(kind), Ref(kind, NAMES[kind])
    stage.poll = 300
    stage.apply(*needs, timeout=40_000)
    stage.sandbox.inject(InjectedFault.FAIL, operation=f"Create{kind}")
    stage.apply(*needs, TREE[kind], timeout=40_000)
    planned, kind_contract = step_of(stage.plan(*needs, TREE[kind]), str(ref)), contract(kind)
    sent = {name: each for name, each in (planned.after or {}).items() if name != kind_contract.name_member}
    file = stage.folder / "inventory-default.json"
    held = file.read_text(encoding="utf-8")
    assert planned.digest in held
    assert planned.digest != digest(sent)
    file.write_text(held.replace(planned.digest, digest(sent)), encoding="utf-8")
    again = stage.plan(*needs, TREE[kind])
    assert acting_steps(again) == {}
    assert step_of(again, str(ref)).why is Reason.FAILED
