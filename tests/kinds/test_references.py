"""Values of environments and hyperparameters by reference, over every kind and every such member."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from controller.core.path import Path, expand, get
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.plan import Plan
from controller.engine.report import Report
from controller.kinds import KINDS
from controller.operator.outcome import verdict
from controller.output.html.plan_page import plan_page
from controller.output.markdown import plan_markdown
from controller.output.plan_json import dump, plan_json, report_json
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.schema.contract import contract
from controller.schema.names import to_aws, to_camel
from controller.schema.secret_references import referable, with_values
from tests.journeys.stage import HEAD, Stage, acting_steps, full_stage, step_of
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.linked_documents import dependencies_of
from tests.soak import soak

FIRST, SECOND, SHORT = "canary-one-4471", "canary-two-8812", "@9"
WITH = [kind for kind in KINDS if contract(kind).referable]
CASES = [
    (kind, number)
    for kind in WITH
    for number, spec in enumerate(full.specs(kind))
    if (kind, number) not in ENDLESS
    and any(expand(to_aws(spec, contract(kind).spec), each) for each in contract(kind).referable)
]
FIRST_OF = [next(case for case in CASES if case[0] == kind) for kind in dict(CASES)]


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account, and a secret to which documents refer."""
    return full_stage(stage.folder, SECRET=FIRST, OTHER=SHORT)


def spec_and_paths(kind: str, number: int) -> tuple[dict[str, Any], list[Path]]:
    """A full spec of a kind without its fixed name, with AWS member names, and the paths for references."""
    kind_contract = contract(kind)
    spec: Any = to_aws(list(full.specs(kind))[number], kind_contract.spec)
    if kind_contract.kind.lifecycle.has_hashed_names:
        spec.pop(kind_contract.name_member, None)
    return spec, [(*path, "TOKEN") for each in kind_contract.referable for path, _ in expand(spec, each)]


def document_with_values(kind: str, spec: Mapping[str, Any], given: Mapping[Path, Any]) -> str:
    """The document with a value at these paths."""
    written = to_camel(with_values(spec, given), contract(kind).spec)
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": written})


def reference(name: str) -> dict[str, Any]:
    """A reference in the form of documents."""
    return {"valueFrom": {"env": name}}


def all_outputs(plan: Plan, report: Report, stage: Stage) -> Iterator[str]:
    """All that is printed, saved, stored or written into a status; no text that was read is known here."""
    redactor = Redactor()
    shown = redactor.plan(plan)
    yield plan_text(shown, Style(), full=True)
    yield plan_markdown(shown, "1")
    yield plan_page(shown, "1", full=True)
    yield dump(plan_json(shown, "1"))
    yield dump(report_json(redactor.report(report), "1"))
    yield stage.inventory_store.path.read_text(encoding="utf-8")
    for each in report.outcomes:
        if each.step.id == str(each.step.ref):
            yield str(verdict(report, each.step.ref))


def assert_no_secret(plan: Plan, report: Report, stage: Stage) -> None:
    """Assert that none of the secrets is in any output."""
    for text in all_outputs(plan, report, stage):
        for secret in (FIRST, SECOND, f'"{SHORT}"', f"'{SHORT}'"):
            assert secret not in text


def test_every_environment_accepts_references() -> None:
    """The members are found by their shape: all maps of strings named Environment or HyperParameters, of every kind."""
    assert set(WITH) >= {"Algorithm", "Model", "ModelPackage", "ProcessingJob", "TrainingJob", "TransformJob"}
    assert (
        "OptimizationConfigs[].ModelQuantizationConfig.OverrideEnvironment"
        in contract("OptimizationJob").referable
    )
    assert {kind for kind, _ in CASES} == set(WITH)
    for kind in KINDS:
        assert contract(kind).referable == referable(contract(kind).spec)


@pytest.mark.parametrize(
    ("kind", "number"), [*FIRST_OF, *soak(*(each for each in CASES if each not in FIRST_OF), names=2)]
)
def test_a_reference_is_sent_hidden_and_rotated(stage: Stage, kind: str, number: int) -> None:
    """AWS gets the value; no output shows it; a rotation is an update if AWS accepts one, and runs nothing again."""
    spec, paths = spec_and_paths(kind, number)
    request = {path: reference("OTHER" if at else "SECRET") for at, path in enumerate(paths)}
    needs, desired = dependencies_of(kind, number), document_with_values(kind, spec, request)
    first = stage.apply(*needs, desired)
    assert first.convergence is Convergence.SETTLED, [o.message for o in first.outcomes if o.message]
    assert FIRST in sent_requests(stage), "AWS has the value"
    again = stage.reconcile(*needs, desired)
    assert acting_steps(again.plan) == {}
    assert_no_secret(stage.plans[0], again, stage)

    stage.secrets["SECRET"] = SECOND
    rotated = stage.plan(*needs, desired)
    mine = step_of(rotated, f"{kind}/full")
    if contract(kind).kind.lifecycle.runs:
        assert acting_steps(rotated) == {}, "a run keeps what it was started with"
        return
    assert mine.action in (Action.CREATE_BEFORE_DELETE, Action.UPDATE) or mine.why is Reason.IMMUTABLE, mine
    brought = stage.apply(*needs, desired)
    assert_no_secret(rotated, brought, stage)
    if mine.why is not Reason.IMMUTABLE:
        assert brought.convergence is Convergence.SETTLED
        assert SECOND in sent_requests(stage)
        assert acting_steps(stage.plan(*needs, desired)) == {}, "a rotation is brought once"
    gone = stage.reconcile(*needs, document_with_values(kind, spec, {}), consent=False)
    assert_no_secret(gone.plan, gone, stage)
    stage.secrets.clear()
    ended = stage.reconcile(*needs, desired, consent=False, destroy=True)
    assert_no_secret(ended.plan, ended, stage)
    assert step_of(ended.plan, f"{kind}/full").action in (Action.DELETE, Action.FORGET), (
        "destroying reads no secret"
    )


def sent_requests(stage: Stage) -> str:
    """All requests of creations and updates."""
    return str([call.params for call in stage.sandbox.calls if call.mutating])


@pytest.mark.parametrize("kind", WITH)
def test_another_source_of_the_same_value_is_no_change(stage: Stage, kind: str) -> None:
    """The same value from another source is the same spec: no new generation, no new run, and the same name."""
    number = next(number for each, number in CASES if each == kind)
    spec, paths = spec_and_paths(kind, number)
    needs = dependencies_of(kind, number)
    assert (
        stage.apply(*needs, document_with_values(kind, spec, {paths[0]: reference("SECRET")})).convergence
        is Convergence.SETTLED
    )
    stage.secrets["MOVED"] = FIRST
    assert (
        acting_steps(stage.plan(*needs, document_with_values(kind, spec, {paths[0]: reference("MOVED")})))
        == {}
    )


@pytest.mark.parametrize("kind", WITH)
def test_a_secret_that_cannot_be_read_blocks_its_document(stage: Stage, kind: str) -> None:
    """Without the secret nothing is created or changed, and the step names the reference."""
    number = next(number for each, number in CASES if each == kind)
    spec, paths = spec_and_paths(kind, number)
    stage.secrets.clear()
    found = step_of(
        stage.plan(
            *dependencies_of(kind, number), document_with_values(kind, spec, {paths[0]: reference("SECRET")})
        ),
        f"{kind}/full",
    )
    assert (found.why, "the environment has no SECRET" in found.detail) == (Reason.SECRET_MISSING, True)


def test_an_output_reference_never_reads_a_secret(stage: Stage) -> None:
    """An output reference to a referenced value is hidden before it is read."""
    kind = "Model"
    number = next(number for each, number in CASES if each == kind)
    spec, paths = spec_and_paths(kind, number)
    made = document_with_values(kind, spec, {paths[0]: reference("SECRET")})
    camel = ".".join(part[0].lower() + part[1:] for part in map(str, paths[0][:-1]) if not part.isdigit())
    text = f"${{Model/full.{camel}.TOKEN}}"
    reader = f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: r}}\nspec: {{modelPackageGroupDescription: '{text}'}}\n"
    assert all(isinstance(part, str) for part in paths[0]), "else the reference below leads elsewhere"
    needs = dependencies_of(kind, number)
    stage.apply(*needs, made)
    plan = stage.plan(*needs, made, reader)
    assert FIRST not in str(plan)
    assert get(spec, paths[0]) is None
