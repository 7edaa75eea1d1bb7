"""The law of an export, for every kind: it validates, plans empty after its adoption, and edits plan correctly."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.core.finding import errors
from controller.core.path import Path as Steps
from controller.core.path import get, with_value
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import OWNER
from controller.engine.plan import Plan, Step
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.envelope import is_name
from controller.manifests.load import load_bytes
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of
from controller.sandbox import Sandbox
from controller.schema.contract import Contract, contract
from controller.schema.names import aws_path, lower_camel
from tests.cli.conftest import Shell, client
from tests.insight.full_account import card_content, create_full, stage
from tests.insight.test_export import TAGS, export_account, remove_our_tags
from tests.journeys.documents import IMAGE, ROLE
from tests.journeys.stage import Stage, acting_steps, compile_documents
from tests.kinds import full
from tests.kinds.sample import walk

__all__ = ["stage"]

# Texts that mean something in YAML, to this program, or in a path.
_HOSTILE = (
    "- ${var.none} $${x} $$${y} ${Model/x.arn}: {é, ☃} #", "../../etc/passwd", "yes", "0x1f", "1_000", "12:30:45", "~",
    "2026-01-01", "'single' \"double\"", " led and trailed ", "two\nlines\n", "<<", "!tag", "&a *a", "%d", "a\tb",
    "1e3", ".inf", "null", "=", "{{x}}", "\\", "\u2028", "a #b",
)  # fmt: skip
_CARD = json.dumps(next(full.specs("ModelPackage"))["modelCard"]["modelCardContent"])
_HIDDEN = "<p>Draw a box.</p>"
_SAMPLE = 4  # scalars of each kind besides the first of each member


def _documents(stage: Stage) -> dict[Ref, dict[str, Any]]:
    """The account exported with --adopt, with values for members that are never returned."""
    out: dict[Ref, dict[str, Any]] = {}
    for each in export_account(stage, adopt=True):
        text = yaml_text(document_of(each))
        for omitted_member in each.omitted:
            filling = {"HumanTaskUi": _HIDDEN, "ModelCard": card_content(stage, each.ref.name)}.get(
                each.ref.kind, _CARD
            )
            text = text.replace("${var." + omitted_member.variable + "}", filling)
        out[each.ref] = yaml.safe_load(text.replace("valueFrom: {}", "valueFrom: {env: SECRET}"))
    return out


def _compile(documents: Mapping[Ref, dict[str, Any]]) -> Bundle:
    return compile_documents(*(yaml_text(each) for each in documents.values()))


def _plan(stage: Stage, tree: Bundle) -> Plan:
    return stage._reconcile_bundle(tree, lambda _: False, stage.cloud(), {}).plan


def _leaves(value: Any, path: Steps) -> Iterator[Steps]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaves(inner, (*path, at))
    else:
        yield path


def _other_values(value: Any) -> tuple[Any, ...]:
    """Other valid values of a scalar."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (value + 1, value - 1)
    return (f"{value}2", f"{value}-2", str(value)[:-1]) if isinstance(value, str) else ()


def _edited_documents(kind: str, document: Mapping[str, Any]) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """The document with one scalar changed: one of each member with another valid value, and a sample of the others."""
    kind_contract = contract(kind)
    others: list[Steps] = []
    linked = {link.field.split(".")[0].removesuffix("[]") for link in kind_contract.kind.identity.links}
    beyond = {*kind_contract.kind.compare.documents, *kind_contract.secrets, *linked}
    for member, value in document["spec"].items():
        at = aws_path((member,), kind_contract.spec)
        if member == "tags" or str(at[0]) in beyond or str(at[0]) in kind_contract.identity:
            continue
        leaves = _leaves(value, (member,))
        yield from islice(_with_one_edit(document, leaves), 1)
        others += leaves
    drawn = random.Random(kind).sample(others, len(others))  # seeded: the same scalars at each run
    yield from islice(_with_one_edit(document, drawn), _SAMPLE)


def _with_one_edit(
    document: Mapping[str, Any], leaves: Iterable[Steps]
) -> Iterator[tuple[Steps, dict[str, Any]]]:
    for path in leaves:
        edited = next(_valid_edits(document, path), None)
        if edited is not None:
            yield path, edited


def _valid_edits(document: Mapping[str, Any], path: Steps) -> Iterator[dict[str, Any]]:
    for value in _other_values(get(document["spec"], path)):
        edited = {**document, "spec": with_value(document["spec"], path, value)}
        loaded = load_bytes([("a.yaml", yaml_text(edited).encode())])
        if not errors((*loaded.findings, *bundle(loaded.documents).findings)):
            yield edited


def _is_right(step: Step, contract: Contract, path: Steps, spec: Mapping[str, Any]) -> bool:
    """Whether a step is the one that the row's mutability defines for an edit."""
    where = aws_path(path, contract.spec)
    name = str(where[0])
    numbered = (
        contract.kind.identity.found_by is not None
        and lower_camel(contract.kind.identity.found_by.when) in spec
    )
    if name in contract.kind.write.deltas and step.why in (Reason.IMMUTABLE, Reason.CANNOT_UPDATE):
        return True  # elements can be added and not renamed
    release = contract.kind.lifecycle.release
    if release and name in release.defines and spec.get(lower_camel(release.member)) == release.released:
        return step.action is Action.CREATE_BEFORE_DELETE
    if (
        contract.kind.lifecycle.runs is None
        and contract.is_updatable(where)
        and name not in contract.kind.write.write_only
    ):
        return step.action is Action.UPDATE
    if (
        name in contract.kind.write.updatable_in_phase
        or name in contract.kind.write.write_only
        or contract.is_updatable(where)
    ):
        return step.action in (Action.UPDATE, Action.NOOP, Action.CREATE_BEFORE_DELETE)
    succeeds = contract.kind.lifecycle.has_hashed_names or (
        numbered
        and contract.kind.identity.found_by
        and (contract.kind.identity.found_by.generations or contract.kind.lifecycle.runs)
    )
    if succeeds and contract.kind.identity.key is None:
        return step.action is Action.CREATE_BEFORE_DELETE
    # a key is exported with its name
    ways = (
        (f"leave out spec.{lower_camel(contract.name_member)}",) if succeeds else ("another name", "deletes")
    )
    return step.why is Reason.IMMUTABLE and all(way in step.detail for way in ways)


def _in_another_region(document: Any) -> Any:
    policy = dict(document.get("policy", {}))
    if "arn" in policy:
        policy["arn"] = policy["arn"].replace(":us-east-1:", ":eu-west-1:")
    return {**document, "policy": policy}


def _deletes_late(plan: Plan) -> bool:
    """Whether each deletion follows the creation of the replacement."""
    return all(str(step.ref) in step.needs for step in plan.acting if step.action is Action.DELETE)


@pytest.mark.parametrize("kind", walk(KINDS))
def test_an_account_is_exported_taken_over_and_edited(stage: Stage, tmp_path: Path, kind: str) -> None:
    """An unowned resource is exported, adopted only by tags, unchanged, and then each edit is planned correctly."""
    create_full(stage, kind)
    remove_our_tags(stage)
    documents = _documents(stage)
    other = Stage(tmp_path / "other", stage.sandbox, stage.secrets, poll=120)
    tree = _compile(documents)
    away = _plan(other, _compile({ref: _in_another_region(each) for ref, each in documents.items()}))
    named = {str(ref): documents[ref].get("policy", {}).get("arn") for ref in documents}
    made = [each for each in away.steps if each.action is Action.CREATE and named[each.id]]
    assert all("which is not in this account and Region" in each.detail for each in made), made
    first = _plan(other, tree)
    assert not first.blocked, [str(step.detail) for step in first.blocked]
    assert {step.action for step in first.acting} <= {Action.ADOPT}
    other.forget_calls()
    assert other._go(tree, 1200, {}).convergence in (Convergence.SETTLED, Convergence.WAITING)
    assert set(other.mutations()) <= TAGS
    assert acting_steps(_plan(other, tree)) == {}
    wrong = []
    for ref in [ref for ref in documents if ref.kind == kind]:
        for path, edited in _edited_documents(kind, documents[ref]):
            plan = _plan(other, _compile({**documents, ref: edited}))
            step = next(each for each in plan.steps if each.id == str(ref))
            if not _is_right(step, contract(kind), path, edited["spec"]) or not _deletes_late(plan):
                wrong.append((str(ref), path, step.action.name, step.why.name, step.detail))
    assert not wrong, repr(wrong)


def test_hostile_texts_and_numbers_come_back_whole(stage: Stage, tmp_path: Path) -> None:
    """Texts of AWS with a meaning in YAML, here, or in a path are texts after export: as values, keys and tags."""
    by_hand = stage.client()
    lines = [text for text in _HOSTILE if "\n" not in text]  # a description has one line
    for number, text in enumerate(lines):
        name = f"Odd-{number}-{'x' * 100}"
        by_hand.create_experiment(ExperimentName=name, Description=text, DisplayName="a")
    parameters = {text[:60]: {"StringValue": text} for text in lines}
    numbers = {
        f"n{at}": {"NumberValue": each} for at, each in enumerate((0.1, 1e-7, 1e22, 12345678901234.0, -0.5))
    }
    start = datetime(2026, 3, 29, 1, 30, 0, 123000, tzinfo=UTC)
    by_hand.create_trial_component(
        TrialComponentName="Odd", StartTime=start, Parameters={**parameters, **numbers},
    )  # fmt: skip
    container = {"Image": IMAGE, "Environment": {f"N{at}": text for at, text in enumerate(_HOSTILE)}}
    by_hand.create_model(ModelName="Odd", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    documents = export_account(stage, ("Experiment", "TrialComponent", "Model"), adopt=True)
    assert all(is_name(each.ref.name) for each in documents)
    tree = compile_documents(*(yaml_text(document_of(each)) for each in documents))
    plan = _plan(stage, tree)
    assert {step.action for step in plan.steps} == {Action.ADOPT}
    assert {call.operation for step in plan.steps for call in step.calls} <= TAGS
    desired = {step.after["Description"] for step in plan.steps if step.after and "Description" in step.after}
    assert desired == set(lines)


def test_owner_tags_of_others_give_no_paths_and_no_names(stage: Stage) -> None:
    """Any user can write an ownership tag: invalid names in it are used neither as name nor as namespace."""
    owners = (
        "s/Experiment/../x",
        "s/Experiment/UP",
        "s/Experiment//x",
        "s/Trial/x",
        "s",
        "s/Experiment/a/b/c",
    )
    for number, owner in enumerate(owners):
        tags = [{"Key": OWNER, "Value": owner}]
        stage.client().create_experiment(ExperimentName=f"odd-{number}", Tags=tags)
    documents = export_account(stage, ("Experiment",))
    assert {each.ref for each in documents} == {Ref("Experiment", f"odd-{at}") for at in range(len(owners))}


def test_files_of_names_that_meet_are_two(shell: Shell, sandbox: Sandbox) -> None:
    """Documents with equal concatenations of kind and name have a file each; an existing link is not followed."""
    by_hand = client(sandbox)
    by_hand.create_trial_component(TrialComponentName="a")
    by_hand.create_experiment(ExperimentName="b")
    by_hand.create_trial(TrialName="component-a", ExperimentName="b")
    kinds = ("--kind", "trial", "--kind", "trial-component")
    shell.write("ml/other.yaml", "untouched")
    assert shell.run("export", *kinds, "-o", "ml").code == 0
    files = {path.name for path in (shell.folder / "ml").iterdir()}
    assert files == {"other.yaml", "trial-component-a.yaml", "trial-component.a.yaml"}
    (shell.folder / "out").mkdir()
    (shell.folder / "out" / "trial-component-a.yaml").symlink_to(shell.folder / "elsewhere")
    assert shell.run("export", *kinds, "-o", "out").code == 1
    assert not (shell.folder / "elsewhere").exists()
    assert "can't be written" in shell.run("export", *kinds, "-o", "ml/other.yaml").err
