"""An immutable member is changed while another input is unknown: the plan reports it immediately."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.core.path import Path, get, with_value
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel
from controller.schema.shape import shape
from tests.journeys.stage import Stage, compile_documents, document_text, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.kinds.test_every_kind import FROZEN

LATER = document_text("ModelPackageGroup", "later", "{}")
UNKNOWN = "${ModelPackageGroup/later.modelPackageGroupStatus}"
# No small spec of these has a text besides what identifies the resource, its links and the immutable one.
WITHOUT_TEXT = frozenset(
    {
        "AIWorkloadConfig", "App", "Artifact", "Association", "HumanTaskUi", "InferenceComponent", "ModelCardExportJob",
        "ModelPackageGroup",
    }
)  # fmt: skip


def _input_paths(of: Contract, spec: Any, former: Any) -> Iterator[Path]:
    """The paths of texts that may be another resource's output, and that a change leaves as they are."""
    kept = (
        of.distinguishing | {of.name_member} | {link.field.split(".")[0] for link in of.kind.identity.links}
    )
    members = {
        lower_camel(each): shape(of.spec.members[each]).type
        for each in of.settable - kept - of.unsent_members
    }
    written = [((name,), spec[name]) for name in members if name in spec]
    todo: list[tuple[Path, Any]] = list(written)
    for path, value in todo:
        if isinstance(value, dict):
            todo += [((*path, key), each) for key, each in value.items()]
        elif isinstance(value, str) and get(former, path) == value:
            yield path
    yield from (
        (name,) for name, kind in members.items() if kind == "string" and name not in {**spec, **former}
    )


def _with_unknown(kind: str, policy: str = "") -> str:
    """The changed document of the case with an input that is not known yet; empty if none is possible."""
    case = CASES[kind]
    former, changed = (yaml.safe_load(case.document(kind, text, policy)) for text in case.frozen)
    for path in _input_paths(contract(kind), changed["spec"], former["spec"]):
        text = yaml.safe_dump({**changed, "spec": with_value(changed["spec"], path, UNKNOWN)})
        try:
            compile_documents(LATER, *case.needs, text)
        except AssertionError:
            continue  # it accepts certain texts only
        return text
    return ""


# The case of a Workforce replaces one of two alternatives by the other.
@pytest.mark.parametrize("kind", walk(each for each in FROZEN if each != "Workforce"))
def test_a_frozen_change_shows_before_all_inputs_are_known(stage: Stage, kind: str) -> None:
    """Blocked as it will be when all is known, or a new generation; never an update that waits."""
    case, after = CASES[kind], _with_unknown(kind)
    assert bool(after) == (kind not in WITHOUT_TEXT)
    if not after:
        return
    stage.apply(*case.needs, case.document(kind, case.frozen[0]))
    for policy in ("", "replace: Allow"):
        known = step_of(
            stage.plan(*case.needs, case.document(kind, case.frozen[1], policy)), f"{kind}/{case.name}"
        )
        planned = step_of(stage.plan(LATER, *case.needs, _with_unknown(kind, policy)), known.id)
        assert planned.action is known.action, planned.detail
        if known.action is Action.BLOCKED:
            assert (planned.why, planned.detail) == (known.why, known.detail)
        else:
            assert (planned.why, planned.calls) == (Reason.DEPENDENCY_NOT_READY, ())
