"""Messages that name a destructive setting also name what it destroys, and the safe alternative."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import controller
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.plan import Step
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text, step_of
from tests.kinds.cases import CASES

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:%s"

# A setting as a message recommends it, the effects that the message must name, and words of the safe alternative.
DESTROYS = {
    r"policy\.replace: Allow (?!is not)": (
        r"policy\.replace: Allow [^.]*delet",
        r"leave out|document|another name",
    ),
    r"policy\.adopt: Always": (r"takes it away", r"another name"),
    r"policy\.adopt: IfUnowned[^.`]* takes it over": (r"deleted with it", r"another name|it stays"),
    r"--confirm-deletes \S+ \w": (r"permanent", r"keep"),
    r"--confirm-delete [^\s.]+ \w": (r"permanent", r"keep"),
    r"policy\.protect: false": (r"permanent", r"stays"),
    r"--prune (would )?delete": (
        r"permanent|without a document|whose document was removed|no longer have a document",
        r"stays|part of the tree|selection|no longer have a document",
    ),
}


def _judge(text: str) -> list[str]:
    """The settings that a text recommends without their destructive effect or without the safe alternative."""
    return [
        setting
        for setting, (harm, way) in DESTROYS.items()
        if re.search(setting, text) and not (re.search(harm, text) and re.search(way, text))
    ]


def _texts() -> Iterator[tuple[Path, str]]:
    """The strings of each function and class of the product except docstrings, concatenated as in a message."""
    for path in sorted(Path(controller.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            inner = () if isinstance(node, ast.Import | ast.ImportFrom) else tuple(ast.walk(node))
            docs = {
                id(each.body[0].value)
                for each in inner
                if isinstance(each, ast.FunctionDef | ast.ClassDef) and isinstance(each.body[0], ast.Expr)
            }
            parts = [
                each.value
                for each in inner
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in docs
            ]
            if parts:
                yield path, " ".join(parts)


def test_no_message_source_names_a_destructive_setting_alone() -> None:
    """All code that writes such a setting into a message also writes what it destroys."""
    bare = [
        f"{path.name}: {setting}"
        for path, text in _texts()
        for setting, (harm, _) in DESTROYS.items()
        if re.search(setting, text) and not re.search(harm, text)
    ]
    assert bare == []


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.frozen[1]])
def test_every_kind_that_refuses_a_change_says_the_safe_way(stage: Stage, kind: str) -> None:
    """The blocked step of each kind names the change without a deletion first, and what the policy would destroy."""
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.frozen)
    if kind == "Workforce":
        after = after.replace(case.spec, "")
    stage.apply(*case.needs, before)
    for blocked in stage.plan(*case.needs, after).blocked:
        assert _judge(blocked.detail) == [], blocked.detail


def _blocked_steps(stage: Stage, *documents: str, **order: object) -> list[Step]:
    plan = stage.plan(*documents, **order)
    assert not [required for required in plan.confirmations if _judge(required.message)]
    return list(plan.blocked)


def test_plan_of_a_foreign_resource_shows_the_effects_of_adoption(stage: Stage) -> None:
    """The plan of a foreign resource shows the effects of an adoption."""
    group = document_text("ModelPackageGroup", "g", "{}")
    stage.client().create_model_package_group(ModelPackageGroupName="g")
    stage.wait(60)
    (foreign,) = _blocked_steps(stage, group)
    assert foreign.why is Reason.NOT_OWNED
    assert _judge(foreign.detail) == []
    other = Stage(stage.folder, sandbox=stage.sandbox, set="other")
    other.apply(document_text("ModelPackageGroup", "h", "{}"))
    (theirs,) = _blocked_steps(stage, document_text("ModelPackageGroup", "h", "{}"))
    assert theirs.why is Reason.FOREIGN_OWNER
    assert _judge(theirs.detail) == []


def test_deletion_limit_names_the_deletions_and_how_to_keep_them(stage: Stage) -> None:
    """The option that confirms deletions is shown together with the deletions, and with how to keep the resources."""
    groups = [document_text("ModelPackageGroup", f"g{number}", "{}") for number in range(6)]
    stage.apply(*groups)
    plan = stage.plan(groups[0], prune=True)
    assert plan.confirmations
    for required in plan.confirmations:
        assert _judge(required.message) == []
        assert "5 ModelPackageGroup" in required.message


def _explicit_names(image: str, named: bool = True) -> list[str]:
    variant = "{variantName: a, modelName: m, initialInstanceCount: 1, instanceType: ml.m5.large}"
    model_name, config_name = ("modelName: m\n", "endpointConfigName: c\n") if named else ("", "")
    return [
        document_text(
            "Model",
            "m",
            f"{model_name}executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE % image}'}}",
        ),
        document_text("EndpointConfig", "c", f"{config_name}productionVariants: [{variant}]"),
        document_text("Endpoint", "e", "endpointName: e\nendpointConfigName: c"),
    ]


def test_message_advises_to_omit_explicit_names(stage: Stage) -> None:
    """The change of an image under explicit names: the message advises to omit the names, which creates generations."""
    stage.apply(*_explicit_names("1"))
    blocked = step_of(stage.plan(*_explicit_names("2")), "Model/m")
    assert blocked.action is Action.BLOCKED
    assert "leave out spec.modelName" in blocked.detail
    assert "a new generation beside 'm'" in blocked.detail
    assert "deletes 'm' once nothing is proved to use it" in blocked.detail
    stage.forget_calls()
    assert stage.apply(*_explicit_names("2", named=False)).convergence is Convergence.SETTLED
    made = stage.mutations()
    assert made[:3] == ["CreateModel", "CreateEndpointConfig", "UpdateEndpoint"]
    assert acting_steps(stage.plan(*_explicit_names("2", named=False))) == {}


def test_earlier_wordings_of_messages_are_found() -> None:
    """Earlier wordings of the messages are found to be bad."""
    assert _judge("image cannot be changed; policy.replace: Allow would delete and create it")
    assert _judge("it belongs to x; policy.adopt: Always would take it over")
    assert _judge("5 deletions are more than 3; --confirm-deletes 5 lets them go")
