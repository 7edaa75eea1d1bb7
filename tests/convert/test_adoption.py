"""After a conversion and an adoption the plan is empty, for the requests that made an account."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.convert.documents import Converted, convert_resources
from controller.convert.request_bodies import _names, read_requests
from controller.convert.source import read_sources
from controller.core.phase import Action, Convergence
from controller.engine.observed import PREFIX
from controller.insight.export import Exported
from controller.kinds import KINDS
from controller.kinds.other_tools import BOTO3
from controller.manifests.bundle import Bundle
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of
from controller.schema.kind_names import kebab
from tests.insight.full_account import card_content, create_full, stage
from tests.insight.test_export import TAGS, remove_our_tags
from tests.journeys.stage import Stage, acting_steps, compile_documents
from tests.kinds import full
from tests.kinds.sample import walk

__all__ = ["stage"]

_CARD = json.dumps(next(full.specs("ModelPackage"))["modelCard"]["modelCardContent"])
_PAGE = "<p>Draw a box.</p>"
# What no request has: the ARN of a resource that the service numbers or names itself.
_NUMBERED = frozenset(
    kind for kind, row in KINDS.items() if (found := row.identity.found_by) is not None and not found.matches
)


def _requests(stage: Stage, folder: Path) -> Path:
    """The bodies of the requests that created the account, as files for ``--cli-input-json``."""
    folder.mkdir()
    for number, call in enumerate(stage.sandbox.calls):
        if call.error is None and kebab(call.operation).replace("-", "") in _names():
            body = _with_project_names(stage, json.dumps(_without_our_tags(call.params), default=str))
            (folder / f"{kebab(call.operation)}-{number:03}.json").write_text(body, encoding="utf-8")
    return folder


def _with_project_names(stage: Stage, body: str) -> str:
    """A request with projects named: a document links them by name, and no request has the ID of its own."""
    for each in stage.client().list_projects()["ProjectSummaryList"]:
        body = body.replace(each["ProjectId"], each["ProjectName"])
    return body


def _without_our_tags(value: Any) -> Any:
    """A request without the product's tags, as another client would have sent it."""
    if isinstance(value, Mapping):
        kept = {key: _without_our_tags(inner) for key, inner in value.items() if not key.startswith(PREFIX)}
        return {key: inner for key, inner in kept.items() if inner != {} or value[key] == {}}
    if isinstance(value, list):
        return [_without_our_tags(each) for each in value if not str(_key(each)).startswith(PREFIX)]
    return value


def _key(value: Any) -> Any:
    return value.get("Key", "") if isinstance(value, Mapping) else ""


def _convert(folder: Path) -> Converted:
    return convert_resources(
        read_requests(read_sources([str(folder)], None)), BOTO3, adopt=True, changeable_names=False
    )


def _write_tree(stage: Stage, made: Converted) -> Bundle:
    return compile_documents(*(_fill_placeholders(stage, each) for each in made.documents))


def _fill_placeholders(stage: Stage, each: Exported) -> str:
    """A document with its placeholders filled in."""
    text = yaml_text(document_of(each))
    for omitted_member in each.omitted:
        filling = {"HumanTaskUi": _PAGE, "ModelCard": card_content(stage, each.ref.name)}.get(
            each.ref.kind, _CARD
        )
        text = (
            text.replace("${var." + omitted_member.variable + "}", filling)
            if omitted_member.variable
            else text
        )
    return text.replace("valueFrom: {}", "valueFrom: {env: SECRET}")


@pytest.mark.parametrize("kind", walk(kind for kind in KINDS if kind not in _NUMBERED))
def test_requests_that_made_an_account_adopt_it(stage: Stage, tmp_path: Path, kind: str) -> None:
    """The documents of the requests adopt the resources created by them, by tags alone; then nothing differs."""
    create_full(stage, kind)
    made = _convert(_requests(stage, tmp_path / "requests"))
    assert [str(each) for each in made.findings if not _is_numbered(str(each).partition(":")[0])] == []
    remove_our_tags(stage)
    tree = _write_tree(stage, made)
    other = Stage(tmp_path / "other", stage.sandbox, stage.secrets, poll=120)
    first = other._reconcile_bundle(tree, lambda _: False, stage.cloud(), {}).plan
    numbered = {str(each.ref) for each in made.documents if each.ref.kind in _NUMBERED}
    wrong = {key: str(each.detail) for key, each in _steps(first) if each.action is not Action.ADOPT}
    assert {key: each for key, each in wrong.items() if key not in numbered} == {}
    if numbered:
        return
    other.forget_calls()
    assert other._go(tree, 1200, {}).convergence in (Convergence.SETTLED, Convergence.WAITING)
    assert set(other.mutations()) <= TAGS
    assert acting_steps(other._reconcile_bundle(tree, lambda _: False, stage.cloud(), {}).plan) == {}


def _is_numbered(file: str) -> bool:
    """Whether a request creates a resource that the service numbers: its file names nothing that could be adopted."""
    return Path(file).name.rpartition("-")[0] in {f"create-{kebab(kind)}" for kind in _NUMBERED}


def _steps(plan: Any) -> list[tuple[str, Any]]:
    return [(each.id, each) for each in plan.steps if each.action is not Action.NOOP]
