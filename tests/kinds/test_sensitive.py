"""``policy.sensitive`` for every kind: marked values are in no output and no inventory, and plans are correct."""

import re

import pytest
import yaml

from controller.core.finding import Code
from controller.core.phase import Convergence
from controller.engine.plan import Plan
from controller.engine.report import Report
from controller.insight.drift import DriftCategory, DriftedField, drifts
from controller.kinds import KINDS
from controller.manifests.load import load_bytes
from controller.output.drift import drift_text
from controller.output.html.plan_page import plan_page
from controller.output.markdown import plan_markdown
from controller.output.plan_json import dump, plan_json, report_json
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.journeys.stage import Stage, acting_steps, compile_documents, full_stage
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import walk
from tests.kinds.sensitive_documents import (
    FIRST,
    SECOND,
    document,
    markable_members,
    scalar_leaves,
    with_recognisable_texts,
)


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _plan_outputs(plan: Plan) -> str:
    """All outputs of a plan."""
    shown = Redactor().plan(plan)
    return "".join(
        (
            plan_text(shown, Style(), full=True),
            dump(plan_json(shown, "1")),
            plan_markdown(shown, "1"),
            plan_page(shown, "1", full=True),
        )
    )


def _drift_outputs(report: Report, *documents: str) -> str:
    found = []
    for each in drifts(compile_documents(*documents), report):
        assert report.observed is not None
        resource = report.observed.resolved[each.ref].resource
        contract, hide = resource.contract, Redactor()
        fields = (
            DriftedField(t, c)
            for t in DriftCategory
            for c in hide.changes(each.of(t), contract, resource.sensitive)
        )
        found.append(type(each)(each.ref, each.name, tuple(fields)))
    return drift_text(found, None, Style(), verbose=True)


def _all_outputs(stage: Stage, report: Report) -> str:
    inventory = "".join(path.read_text(encoding="utf-8") for path in stage.folder.glob("inventory-*.json"))
    return inventory + _plan_outputs(report.plan) + dump(report_json(Redactor().report(report), "1"))


def _assert_no_secret(text: str) -> None:
    found = re.search(r".{0,80}canary447[12].{0,40}", text)
    assert found is None, found[0]


@pytest.mark.parametrize("kind", walk(KINDS))
def test_marked_members_are_in_no_output(stage: Stage, kind: str) -> None:
    """Created, planned again, drifted, changed, pruned and destroyed: the marked values are in no output."""
    number, spec = next((n, s) for n, s in enumerate(full.specs(kind)) if (kind, n) not in ENDLESS)
    members = markable_members(kind, spec)
    spec = with_recognisable_texts(kind, spec, members)
    marks, base = [f"/{name}" for name in members], dependencies_of(kind, number)
    first = document(kind, spec, marks)
    other = yaml.safe_load(first.replace(FIRST, SECOND))["spec"]
    second = document(kind, other, marks)
    _assert_no_secret(_plan_outputs(stage.plan(*base, first)))
    report = stage.apply(*base, first)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes if o.message]
    _assert_no_secret(_all_outputs(stage, report))
    again = stage.reconcile(*base, first, consent=False)
    assert acting_steps(again.plan) == {}
    _assert_no_secret(_drift_outputs(again, *base, first))
    if FIRST in first:
        changed = stage.reconcile(*base, second, consent=False)
        seen = any(
            step.ref.kind == kind and (step.changes_account or step.changes) for step in changed.plan.steps
        )
        write_only = {lower_camel(name) for name in contract(kind).kind.write.write_only}
        assert seen == any(
            path[0] not in write_only for path, value in scalar_leaves(spec) if FIRST in str(value)
        )
        _assert_no_secret(_all_outputs(stage, changed) + _drift_outputs(changed, *base, second))
        plain = stage.plan(*base, document(kind, other, []))
        assert acting_steps(plain) == acting_steps(changed.plan), (
            "what is hidden changes nothing of what is done"
        )
        _assert_no_secret(_plan_outputs(plain))
        _assert_no_secret(_all_outputs(stage, stage.apply(*base, second)))
    _assert_no_secret(_plan_outputs(stage.plan(*base, prune=True)))
    _assert_no_secret(_plan_outputs(stage.plan(*base, first, destroy=True)))
    _assert_no_secret(_all_outputs(stage, stage.destroy(*base, first)))


@pytest.mark.parametrize("kind", walk(KINDS))
def test_no_digest_is_of_a_marked_value(stage: Stage, kind: str) -> None:
    """Names and digests before a creation do not depend on marked values, so they can't be guessed."""
    spec = next(iter(full.specs(kind)))
    members = markable_members(kind, spec)
    text = document(kind, with_recognisable_texts(kind, spec, members), [f"/{name}" for name in members])
    plans = [stage.plan(*dependencies_of(kind), each) for each in (text, text.replace(FIRST, SECOND))]
    lines = [[(step.id, str(step.name), step.digest, step.mark) for step in plan.steps] for plan in plans]
    assert lines[0] == lines[1]
    assert plans[0].fingerprint == plans[1].fingerprint


@pytest.mark.parametrize("kind", walk(KINDS))
def test_identifying_members_can_not_be_marked(kind: str) -> None:
    """A name, a link or a tag as sensitive is a finding at its place; so is a path that names no member."""
    kind_contract = contract(kind)
    spec = next(iter(full.specs(kind)))
    links = [
        link.field
        for link in kind_contract.kind.identity.links
        if "[" not in link.field and "." not in link.field
    ]
    for name in sorted({*kind_contract.distinguishing, *links, "NoSuchMember"}):
        key = lower_camel(name)
        if key not in spec and name != "NoSuchMember":
            continue
        loaded = load_bytes([("a.yaml", document(kind, spec, [f"/{key}"]).encode())])
        found = [each for each in loaded.findings if each.path[:2] == ("policy", "sensitive")]
        code = Code.BAD_REFERENCE if name == "NoSuchMember" else Code.RULE
        assert [(each.code, each.path) for each in found] == [(code, ("policy", "sensitive", 0))], (
            kind,
            name,
        )
        assert found[0].origin is not None
        assert found[0].origin.line > 1


def test_a_nested_mark_hides_that_value_only(stage: Stage) -> None:
    """One key of an environment is hidden in all plans, its neighbours are shown; an added mark is no change."""
    spec = {
        "executionRoleArn": "arn:aws:iam::123456789012:role/sagemaker",
        "containers": [{"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1",
                        "environment": {"TOKEN": FIRST, "MODE": "quick-mode"}}],
    }  # fmt: skip
    plain, marked = (document("Model", spec, marks) for marks in ([], ["/containers/0/environment/TOKEN"]))
    shown = _plan_outputs(stage.plan(marked))
    _assert_no_secret(shown)
    assert "quick-mode" in shown
    stage.apply(plain)
    assert acting_steps(stage.plan(marked)) == {} or {
        each.name for each in acting_steps(stage.plan(marked)).values()
    } == {"UPDATE"}
    stage.apply(marked)
    _assert_no_secret(_all_outputs(stage, stage.apply(marked)))
    assert stage.mutations().count("CreateModel") == 1, "the mark alone makes no new generation"
    second = marked.replace(FIRST, SECOND)
    _assert_no_secret(_all_outputs(stage, stage.apply(second)))
    assert stage.mutations().count("CreateModel") == 2, "another value makes one"
    assert acting_steps(stage.plan(second)) == {}
    changed = yaml.safe_load(second)
    changed["spec"]["containers"][0]["environment"]["MODE"] = "slow-mode"
    _assert_no_secret(_plan_outputs(stage.plan(yaml.safe_dump(changed))))
    del changed["policy"]["sensitive"]
    _assert_no_secret(_plan_outputs(stage.plan(yaml.safe_dump(changed))))


def test_a_marked_value_in_a_refusal_is_left_out(stage: Stage) -> None:
    """A refusal that repeats the value is in no report; of an updatable member the new value is sent."""
    spec = {"modelPackageGroupName": "g", "modelPackageGroupDescription": FIRST}
    marked = document("ModelPackageGroup", spec, ["/modelPackageGroupDescription"])
    stage.sandbox.inject(
        InjectedFault.LIMIT, operation="CreateModelPackageGroup", reason=f"'{FIRST}' is not welcome"
    )
    report = stage.reconcile(marked)
    assert any("is not welcome" in outcome.message for outcome in report.outcomes)
    _assert_no_secret("".join(outcome.message for outcome in report.outcomes) + _all_outputs(stage, report))


def test_findings_show_no_marked_value() -> None:
    """A value that violates the model's rules is reported by its path, and not shown."""
    for length in (1, 30):
        spec = {
            "executionRoleArn": FIRST * length,
            "primaryContainer": {"image": f"bad {FIRST} image" * length},
        }
        marked = document("Model", spec, ["/executionRoleArn", "/primaryContainer/image"])
        found = load_bytes([("a.yaml", marked.encode())]).findings
        assert {each.path for each in found} == {
            ("spec", "executionRoleArn"),
            ("spec", "primaryContainer", "image"),
        }
        _assert_no_secret("".join(map(str, found)))
