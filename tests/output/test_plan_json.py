import json
from typing import Any

import pytest

from controller.core.phase import Convergence
from controller.engine.plan import Step
from controller.engine.report import Outcome, Report, Result
from controller.output.plan_json import dump, plan_json, report_json
from controller.output.redact import Redactor
from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, SERVING
from tests.output import plans


def steps_json(*steps: Step) -> dict[str, Any]:
    """A plan's JSON, through text and back."""
    made: dict[str, Any] = json.loads(dump(plan_json(Redactor().plan(plans.plan(*steps)), "1.2.3")))
    return made


def resource_change(step: Step) -> dict[str, Any]:
    """The one resource change of a step."""
    (only,) = steps_json(step)["resource_changes"]
    return dict(only)


@pytest.mark.parametrize(
    ("step", "actions"),
    [
        (plans.CREATE, ["create"]),
        (plans.UPDATE, ["update"]),
        (plans.ADOPT, ["update"]),
        (plans.CREATE_BEFORE_DELETE, ["create"]),
        (plans.REPLACE, ["delete", "create"]),
        (plans.SWEEP, ["delete"]),
        (plans.STOP, ["delete"]),
        (plans.FORGET, ["no-op"]),
        (plans.WAIT, ["no-op"]),
        (plans.BLOCKED, ["no-op"]),
        (plans.NOOP, ["no-op"]),
    ],
)
def test_actions_are_terraform_s(step: Step, actions: list[str]) -> None:
    """Every action has Terraform's name, so that a search for "delete" finds all deletions."""
    assert resource_change(step)["change"]["actions"] == actions


def test_what_is_unknown_is_marked_and_left_out() -> None:
    """An unknown value is absent from ``after`` and true in ``after_unknown``."""
    body = resource_change(plans.CREATE)["change"]
    assert "modelPackageName" not in body["after"]["primaryContainer"]
    assert body["after_unknown"] == {"primaryContainer": {"modelPackageName": True}}
    assert body["after"]["tags"] == {"team": "risk"}


def test_what_is_sensitive_is_marked_and_replaced() -> None:
    """A sensitive value is nowhere, and true in the companion trees."""
    body = resource_change(plans.CARD)["change"]
    assert body["after"]["modelCard"]["modelCardContent"] == "(sensitive)"
    assert body["before_sensitive"] == body["after_sensitive"] == {"modelCard": {"modelCardContent": True}}
    assert resource_change(plans.SECRET)["change"]["after_sensitive"] == {
        "oidcConfig": {"clientSecret": True}
    }


def test_why_a_resource_is_replaced() -> None:
    """``replace_paths`` are the paths of the changes that no update can bring."""
    assert resource_change(plans.CREATE_BEFORE_DELETE)["change"]["replace_paths"] == [
        ["productionVariants", "main", "modelName"]
    ]
    assert resource_change(plans.UPDATE)["change"]["replace_paths"] == []


def test_documents_are_data() -> None:
    """A JSON document in a string is shown as data, so that policies can read it."""
    after = resource_change(plans.UPDATE)["change"]["after"]
    assert after["pipelineDefinition"]["Steps"][0]["Arguments"] == {"ErrorMessage": "new"}


def test_the_top_tells_account_and_budget() -> None:
    """The top level names the account, counts the calls, and lists what is blocked and held back."""
    made = json.loads(dump(plan_json(Redactor().plan(plans.EVERYTHING), "1.2.3")))
    assert (made["account_id"], made["region"], made["set"]) == ("123456789012", "us-east-1", "default")
    assert made["api_budget"] == {"mutating": 11, "reads": 19}
    assert [each["address"] for each in made["blocked"]] == ["Endpoint/shared"]
    assert made["brakes"][0]["held"] == ["Endpoint/old@old"]
    assert made["errored"] is False


def test_json_holds_no_canary() -> None:
    """No secret and no sensitive document is in the JSON."""
    assert CANARY not in dump(plan_json(Redactor().plan(plans.EVERYTHING), "1"))


def test_a_report_is_a_plan_with_ends() -> None:
    """A report has the result of each step, and the state of the whole."""
    ends = (Outcome(plans.UPDATE, Result.FAILED, "no", 1), Outcome(plans.NOOP, Result.UNCHANGED))
    report = Report(plans.plan(plans.UPDATE, plans.NOOP), ends, Convergence.STUCK)
    made = report_json(Redactor().report(report), "1")
    assert made["standing"] == "stuck"
    assert made["outcomes"][0] == {
        "address": "Pipeline/train", "id": "Pipeline/train", "result": "failed", "message": "no", "calls": 1,
    }  # fmt: skip


def test_apply_prints_one_json_document(shell: Shell) -> None:
    """``apply --format json`` prints nothing but the result: the plan that was done, and its ends."""
    shell.write("serving.yaml", SERVING)
    ran = shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s", "--format", "json")
    made = json.loads(ran.out)
    assert (ran.code, ran.err, made["standing"]) == (0, "", "settled")
    assert {each["id"]: each["result"] for each in made["outcomes"]} == {
        "Model/fraud": "done", "EndpointConfig/fraud": "done", "Endpoint/fraud": "done",
    }  # fmt: skip
    assert [each["change"]["actions"] for each in made["resource_changes"]] == [["create"]] * 3


def test_the_same_world_gives_the_same_bytes(shell: Shell) -> None:
    """Two plans of the same documents and account are byte for byte the same."""
    shell.write("serving.yaml", SERVING)
    first, second = (shell.run("plan", "serving.yaml", "--format", "json").out for _ in range(2))
    assert first == second


def test_findings_are_json_too(shell: Shell) -> None:
    """With --format json, findings that stop a plan are JSON with file, line and column."""
    shell.write("bad.yaml", SERVING.replace("instanceType", "instanceTipe"))
    ran = shell.run("plan", "bad.yaml", "--format", "json")
    made = json.loads(ran.out)
    assert (ran.code, made["errored"]) == (1, True)
    assert made["findings"][0]["file"] == "bad.yaml"
    assert made["findings"][0]["line"] > 1
