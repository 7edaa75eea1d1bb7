"""Every output of every kind is the same for any value of a marked member, even one too short to be searched for."""

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import pytest

from controller.engine.order import Order
from controller.engine.plan import Plan, Step
from controller.engine.reconcile import reconcile
from controller.engine.report import Event, Happening
from controller.kinds import KINDS
from controller.output.html.plan_page import plan_page
from controller.output.markdown import plan_markdown
from controller.output.plan_json import dump, plan_json
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.runtime.redaction import MASK, without_texts
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.sensitive import texts_at
from tests.journeys.stage import Stage, acting_steps, compile_documents, full_stage
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import walk
from tests.kinds.sensitive_documents import FIRST, document, markable_members, with_unrecognisable_values

FORMS: Mapping[str, Callable[[Plan], str]] = {
    "text": lambda plan: plan_text(Redactor().plan(plan), Style(), full=True),
    "JSON": lambda plan: dump(plan_json(Redactor().plan(plan), "1")),
    "markdown": lambda plan: plan_markdown(Redactor().plan(plan), "1"),
    "page": lambda plan: plan_page(Redactor().plan(plan), "1", full=True),
    "events": lambda plan: "\n".join(repr(_without_digests(_event_of(step))) for step in plan.steps),
}
_DIGEST = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8,}")


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _event_of(step: Step) -> Event:
    call = step.calls[0] if step.calls else None
    return Redactor().event(Event(Happening.CALLED, step, call))


def _without_digests(event: Event) -> Any:
    assert event.step is not None
    step = event.step
    return event.call, step.calls, step.changes, step.before, step.after, step.seen, step.detail, step.notes


def _differing_outputs(one: Plan, other: Plan) -> list[str]:
    """The outputs in which two plans differ; keyed digests may differ."""
    return [form for form, of in FORMS.items() if _DIGEST.sub("", of(one)) != _DIGEST.sub("", of(other))]


@pytest.mark.parametrize("kind", walk(KINDS))
def test_no_form_depends_on_a_marked_value(stage: Stage, kind: str) -> None:
    """Marked numbers and short texts make no difference to any output of a plan that creates a resource."""
    number, spec = next((n, s) for n, s in enumerate(full.specs(kind)) if (kind, n) not in ENDLESS)
    members, base = markable_members(kind, spec), dependencies_of(kind, number)
    marks = [f"/{name}" for name in members]
    texts = [document(kind, with_unrecognisable_values(kind, spec, members, at), marks) for at in (0, 1)]
    made, other = (stage.plan(*base, text) for text in texts)
    assert _differing_outputs(made, other) == []
    if contract(kind).kind.write.deltas and texts[0] != texts[1]:
        stage.apply(*base, document(kind, spec, marks))
        changed, otherwise = (stage.plan(*base, text) for text in texts)
        assert _differing_outputs(changed, otherwise) == []


def test_a_mark_that_widens_or_narrows_is_no_change(stage: Stage) -> None:
    """Marks of a map and of one of its keys may be added and removed: the generation stays, and no value is shown."""
    spec = {
        "executionRoleArn": "arn:aws:iam::123456789012:role/sagemaker",
        "primaryContainer": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1",
                             "environment": {"TOKEN": FIRST, "MODE": "quick"}},
    }  # fmt: skip
    one, all_ = "/primaryContainer/environment/TOKEN", "/primaryContainer/environment"
    for marks in ([], [one], [all_], [one, all_], []):
        stage.apply(document("Model", spec, marks))
        assert acting_steps(stage.plan(document("Model", spec, marks))) == {}, marks
    assert stage.mutations().count("CreateModel") == 1


def test_an_effect_shows_no_marked_value_of_another_document(stage: Stage) -> None:
    """The instances that an endpoint starts are those of its configuration, whose marks apply there too."""
    spec = {"productionVariants": [{"variantName": "main", "modelName": "fraud", "initialInstanceCount": 7,
                                    "instanceType": "ml.c5.4xlarge"}]}  # fmt: skip
    role = {"executionRoleArn": "arn:aws:iam::123456789012:role/sagemaker"}
    image = {"primaryContainer": {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"}}
    marks = ["/productionVariants/0/initialInstanceCount", "/productionVariants/0/instanceType"]
    documents = [
        document("Model", {**role, **image}, []).replace("name: full", "name: fraud"),
        document("EndpointConfig", spec, marks),
        document("Endpoint", {"endpointConfigName": "full"}, []),
    ]
    plan = stage.plan(*documents)
    shown = [effect.message for step in plan.steps for effect in step.effects]
    assert shown == [f"starts {MASK} x {MASK} (main)"]
    assert "c5.4xlarge" not in "".join(form(plan) for form in FORMS.values())


@pytest.mark.parametrize("escaped", [str, json.dumps, repr, escape], ids=["raw", "JSON", "Python", "HTML"])
def test_a_message_has_no_form_of_a_marked_value(escaped: Callable[[str], str]) -> None:
    """AWS may repeat a value as it is or escaped, and a single value of a JSON document; keys stay readable."""
    secret = 'a "quoted" <text>\nof ü\'s'
    held = {"Environment": {"Name": secret}, "Definition": json.dumps({"Step": [FIRST]})}
    texts = texts_at(held, ("Environment", "Definition"))
    left = without_texts(f"Name: {escaped(secret)} and {FIRST}", texts)
    assert left.replace('"', "").replace("'", "") == f"Name: {MASK} and {MASK}"


def test_events_and_inventories_have_no_marked_value(stage: Stage) -> None:
    """A refusal is redacted where the call ends: no event has the value, nor a failure that is found again."""
    events: list[Event] = []
    spec = {"modelPackageGroupName": "g", "modelPackageGroupDescription": FIRST}
    marked = document("ModelPackageGroup", spec, ["/modelPackageGroupDescription"])
    stage.sandbox.inject(
        InjectedFault.LIMIT, operation="CreateModelPackageGroup", reason=f"'{FIRST}' is not welcome"
    )
    order = Order(set=stage.set)
    reconcile(
        compile_documents(marked),
        stage.cloud(),
        stage.inventory_store,
        lambda _: True,
        order,
        listen=events.append,
    )
    lines = [event.message for event in events if event.happening is Happening.ENDED]
    assert any("is not welcome" in message for message in lines)
    assert FIRST not in "".join(lines)
