"""Hints name what the reader can use: options on the command line, fields in a sync."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.finding import Advice, Remedy, errors
from controller.engine.advice import COMMAND, GITSYNC, OBJECT, SYNC, WAYS_IN, findings_with_advice
from controller.engine.observed import RELEASE
from controller.engine.plan import Plan
from controller.gitops.apply_pass import report_text
from controller.manifests.load import load_bytes
from tests.journeys.stage import HEAD, Stage, document_text

ROOT = Path(__file__).parents[2] / "controller"
SHARED = ("core", "schema", "kinds", "manifests", "engine", "insight")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+|`sagectl [a-z]+")
FIELD = re.compile(r"\bspec\.(prune|set|values|source)\b|\bannotation\b|status\.fingerprint")
MARKS = re.compile("[\ue000-\ue002]")
ABOUT = {
    Remedy.CONFIRM: ("Endpoint/a", "Endpoint/b"),
    Remedy.CONFIRM_NUMBER: (4,),
    Remedy.REBUILD: ("ours",),
    Remedy.VARIABLE: ("env",),
}
# Strings of one interface: the words of its table, and options named by the texts of `sagectl status` and `get`.
OWN = {"engine/advice.py", "kinds/display.py", "operator/argocd.py"}
GROUP = document_text("ModelPackageGroup", "{0}", "modelPackageGroupDescription: x")


def strings_of(file: Path) -> Iterator[str]:
    """The strings of a module, except docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_shared_modules_name_no_option_of_an_interface() -> None:
    """Modules below the interfaces name no option, command or field of one interface: they hold placeholders."""
    found = [
        (file.relative_to(ROOT).as_posix(), text)
        for folder in SHARED
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file.relative_to(ROOT).as_posix() not in OWN
        for text in strings_of(file)
        if OPTION.search(text)
    ]
    assert found == []


def test_gitsync_texts_name_no_option_of_the_command_line() -> None:
    """Texts of syncs and of the operator name their own fields, or options of the operator."""
    operators = {"--report-host", "--message-host", "--set", "--drain", "--tenants"}
    operators |= {"--selector", "--namespace", "--name"}
    for folder in ("gitops", "operator"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for text in strings_of(file) if file.relative_to(ROOT).as_posix() not in OWN else ():
                named = {each for each in OPTION.findall(text) if each.startswith("--")}
                assert named <= operators, (file.name, text)


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.name)
def test_every_interface_has_its_own_text_for_each_placeholder(way: Advice) -> None:
    """Each interface has an entry for every placeholder, and none has that of another."""
    assert set(way.spellings) == set(Remedy)
    for request in Remedy:
        text = way.expand(f"do it by {request.of(*ABOUT.get(request, ()))}.")
        assert MARKS.search(text) is None
        assert_no_foreign_options(text, way)
    assert way.expand("{Ask.PRUNE} of others \ue0ff") == "{Ask.PRUNE} of others \ue0ff"


def assert_no_foreign_options(text: str, way: Advice) -> None:
    """Assert that a text names no option or field of other interfaces."""
    assert MARKS.search(text) is None, text
    if way is COMMAND:
        assert FIELD.search(text) is None, text
    elif way is SYNC:
        assert {*re.findall(r"--[a-z-]+", text)} == set(), text
        assert FIELD.search(text) is None, text
    else:
        assert OPTION.search(text) is None, text


def texts(plan: Plan) -> list[str]:
    """All texts of a plan."""
    steps = [text for step in plan.steps for text in (step.detail, *step.notes)]
    return [*steps, *(each.message for each in plan.confirmations), *plan.notices]


def group_documents(*names: str) -> list[str]:
    """Documents of groups."""
    return [GROUP.replace("{0}", name) for name in names]


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.name)
def test_advice_of_every_plan_fits_the_interface(stage: Stage, way: Advice) -> None:
    """The advice about removed documents, changed names, empty trees, many deletions and lost inventories fits."""
    names = [f"g{number}" for number in range(8)]
    stage.apply(*group_documents(*names))
    fields = {}
    for case, documents, order in (
        ("kept", group_documents(*names[1:]), {}),
        ("many", group_documents(names[0]), {"prune": True}),
        ("empty", [], {"prune": True}),
    ):
        fields[case] = texts(stage.plan(*documents, advice=way, **order))
    renamed = group_documents(names[0])[0].replace("spec:", "spec:\n  modelPackageGroupName: other")
    fields["renamed"] = texts(stage.plan(renamed, *group_documents(*names[1:]), advice=way))
    stage.inventory_store.path.unlink()
    fields["lost"] = texts(stage.plan(*group_documents(*names), advice=way, prune=True))
    fields["alone"] = texts(stage.plan(*group_documents(*names), advice=way))
    spelled = {request: way.expand(str(request)) for request in (Remedy.PRUNE, Remedy.SET)}
    for case, send in (("kept", Remedy.PRUNE), ("renamed", Remedy.PRUNE), ("lost", Remedy.SET)):
        assert any(spelled[send] in text for text in fields[case]), (case, fields[case])
    assert any(way.expand(Remedy.CONFIRM_NUMBER.of(7)) in text for text in fields["many"]), fields["many"]
    assert any(way.expand(Remedy.REBUILD.of("default")) in text for text in fields["alone"]), fields["alone"]
    for every in fields.values():
        for text in every:
            assert_no_foreign_options(text, way)


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.name)
def test_advice_of_every_finding_fits_the_interface(way: Advice) -> None:
    """Findings about an undefined variable, a region, an account and a saved plan name the reader's own options."""
    files = {
        "a.yaml": HEAD
        + "kind: ModelPackageGroup\nmetadata: {name: a}\nspec: {modelPackageGroupDescription: '${var.env}'}\n",
        "b.yaml": HEAD + "kind: ModelPackageGroup\nmetadata: {name: b}\nregion: x\nprovider: y\nspec: {}\n",
        "c.yaml": '{"format_version": "1.0", "fingerprint": "x"}',
    }
    found = load_bytes([(name, text.encode()) for name, text in files.items()]).findings
    lines = [str(each) for each in findings_with_advice(found, way)]
    assert len(errors(found)) >= 3
    assert any(way.expand(Remedy.VARIABLE.of("env")) in each for each in lines), lines
    for each in lines:
        assert_no_foreign_options(each, way)


def test_consent_is_bound_to_the_plan_and_not_to_its_texts(stage: Stage) -> None:
    """The same documents and account have the same content in every interface, whatever its hints."""
    names = [f"g{number}" for number in range(8)]
    stage.apply(*group_documents(*names))
    plans = [stage.plan(*group_documents(names[0]), advice=way, prune=True) for way in WAYS_IN]
    assert len({plan.content for plan in plans}) == 1
    assert len({plan.confirmations[0].message for plan in plans}) > 2


def test_no_approval_is_offered_where_none_can_help(stage: Stage) -> None:
    """A prune that is refused because of a lost inventory gives that reason, and requests no approval."""
    from controller.gitops.ownership_transfer import OwnershipTransfer

    stage.apply(*group_documents("a", "b"))
    stage.inventory_store.path.unlink()
    report = stage.reconcile(*group_documents("a", "b", "c"), advice=GITSYNC, prune=True)
    assert report.plan.confirmations
    assert report.plan.possible_confirmations == ()
    message = report_text(report, OwnershipTransfer())
    assert "spec.prune is refused" in message
    assert "approve" not in message
    many = [f"g{number}" for number in range(8)]
    stage.apply(*group_documents(*many))
    held = stage.reconcile(*group_documents(many[0]), advice=replace(OBJECT), prune=True)
    assert "approve" in report_text(held, OwnershipTransfer())


def test_an_object_that_is_being_deleted_is_not_applied_again() -> None:
    """What an unfinished creation may have created is deleted or left in AWS; other interfaces find it again."""
    texts = {way.name: way.expand(str(Remedy.UNFINISHED)) for way in WAYS_IN}
    assert "apply" not in texts["object"]
    assert f"{RELEASE}=yes" in texts.pop("object")
    assert all(text.startswith("apply the same document again") for text in texts.values())
