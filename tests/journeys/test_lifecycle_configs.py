"""A notebook instance's lifecycle configuration: both hooks are sent together, and one in use is not deleted."""

from controller.core.phase import Convergence
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text

_NAME = {"NotebookInstanceLifecycleConfigName": "setup"}
_SH, _BASH = "IyEvYmluL3NoCg==", "IyEvYmluL2Jhc2gK"


def _document(**hooks: str) -> str:
    return document_text(
        "NotebookInstanceLifecycleConfig",
        "setup",
        "\n".join(f"{hook}: [{{content: {text}}}]" for hook, text in hooks.items()) or "{}",
    )


def _hooks(stage: Stage) -> dict[str, str]:
    shown = stage.client().describe_notebook_instance_lifecycle_config(**_NAME)
    return {hook: shown[hook][0]["Content"] for hook in ("OnCreate", "OnStart") if shown.get(hook)}


def test_a_changed_hook_leaves_the_other_alone(stage: Stage) -> None:
    """An update of one hook sends both, also a hook that is in no document and was set by another user."""
    stage.apply(_document(onCreate=_SH, onStart=_SH))
    stage.apply(_document(onCreate=_SH, onStart=_BASH))
    assert _hooks(stage) == {"OnCreate": _SH, "OnStart": _BASH}
    stage.apply(_document(onStart=_BASH))
    assert _hooks(stage) == {"OnStart": _BASH}
    both = {hook: [{"Content": _BASH}] for hook in ("OnCreate", "OnStart")}
    stage.client().update_notebook_instance_lifecycle_config(**_NAME, **both)
    stage.apply(_document(onStart=_SH))
    assert _hooks(stage) == {"OnCreate": _BASH, "OnStart": _SH}
    assert acting_steps(stage.plan(_document(onStart=_SH))) == {}


def test_a_configuration_that_an_instance_names_is_not_deleted(stage: Stage) -> None:
    """The deletion waits until the foreign instance no longer uses it, and is not sent before."""
    stage.apply(_document(onStart=_SH))
    stage.client().create_notebook_instance(
        NotebookInstanceName="desk", InstanceType="ml.t3.medium", RoleArn=ROLE, LifecycleConfigName="setup"
    )
    stage.forget_calls()
    report = stage.destroy(_document(onStart=_SH))
    assert report.convergence is not Convergence.SETTLED
    assert stage.mutations() == []
    assert any(
        "'desk' (ListNotebookInstances) must be deleted first" in str(each.message)
        for each in report.outcomes
    )
