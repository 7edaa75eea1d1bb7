"""The short way of calls that journeys take is botocore's own, as far as anything here depends on it."""

from pathlib import Path
from typing import Any

import botocore.session
import pytest

from controller.aws.client import share_models
from controller.sandbox import InjectedFault, Sandbox
from tests import botocore_shortcut
from tests.journeys.documents import everything
from tests.journeys.stage import Stage
from tests.journeys.test_everything import DOCUMENTS
from tests.soak import soak


def _lived(folder: Path, documents: tuple[str, ...]) -> tuple[list[Any], list[str]]:
    """Calls, changes, steps and messages of a life in which one answer is lost and one call is refused."""
    folder.mkdir()
    stage, messages = Stage(folder, poll=300), list[str]()
    stage.sandbox.inject(InjectedFault.SILENT, operation="CreateModelPackageGroup")
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreatePipeline")
    for act in (stage.apply, stage.apply, stage.destroy):
        report = act(*documents, concurrency=1)
        messages += [each.message for each in report.outcomes]
        messages += [f"{each.id} {each.action.name} {each.why.name}" for each in report.plan.steps]
    made = [
        (each.service, each.operation, sorted(each.params), each.status, each.error)
        for each in stage.sandbox.calls
    ]
    return sorted(made, key=repr), stage.mutations() + messages  # Lists of one pass have no order


@pytest.mark.parametrize("documents", [tuple(everything()), *soak(DOCUMENTS)], ids=len)
def test_a_life_has_the_same_calls_with_all_of_botocore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: tuple[str, ...]
) -> None:
    """Operations, members, statuses, errors, steps and messages are the same; in short of a few kinds."""
    short = _lived(tmp_path / "short", documents)
    monkeypatch.setattr(botocore_shortcut, "SERVICES", frozenset())
    assert _lived(tmp_path / "long", documents) == short
    assert {status for _, _, _, status, _ in short[0]} >= {0, 200, 400}


def test_a_copied_client_has_its_own_account_and_handlers() -> None:
    """Of two clients that are copies of one, each calls its own account, and only its own handlers."""
    emitted: list[int] = []
    for number in range(2):
        session, sandbox = botocore.session.Session(), Sandbox()
        share_models(session)
        session.set_credentials("none", "none")
        botocore_shortcut.attach_short(session, sandbox.answer)
        client: Any = session.create_client("sagemaker", region_name="us-east-1")
        client.meta.events.register("before-send", lambda number=number, **_: emitted.append(number))
        assert client.list_models()["Models"] == []
        assert [each.operation for each in sandbox.calls] == ["ListModels"]
        sandbox.close()
    assert emitted == [0, 1]
