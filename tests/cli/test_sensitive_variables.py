"""Variables in ``sensitiveVariables``: usable in documents, and hidden in every output."""

import json

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, HEAD, IMAGE, ROLE

MODEL = f"""{HEAD}kind: Model
metadata: {{name: fraud}}
spec:
  executionRoleArn: {ROLE}
  primaryContainer: {{image: "{IMAGE}", environment: {{TOKEN: "x-${{var.token}}", MODE: "${{var.mode}}"}}}}
"""
SETTINGS = "variables: {mode: quick-mode}\nsensitiveVariables: [token]\n"
OTHER = "other-9932-do-not-show"


def _run(shell: Shell, value: str, *command: str) -> str:
    shell.write("values.yaml", f"token: {value}\n")
    ran = shell.run(*command, "--values", "values.yaml")
    assert ran.code in (0, 2), ran
    assert value not in ran.out + ran.err, command
    return ran.out + ran.err


def test_a_sensitive_variable_is_shown_nowhere(shell: Shell, sandbox: Sandbox) -> None:
    """It reaches AWS; no plan, saved plan, drift, status nor inventory has it, before and after a change."""
    shell.write("ml/sagectl.yaml", SETTINGS)
    shell.write("ml/model.yaml", MODEL)
    message = "".join(
        _run(shell, CANARY, "plan", "ml", "--format", form) for form in ("text", "json", "markdown", "html")
    )
    assert "quick-mode" in message
    _run(shell, CANARY, "plan", "ml", "--out", "saved.json")
    _run(shell, CANARY, "apply", "ml", "--yes", "--poll", "0.05s")
    made = next(call.params for call in sandbox.calls if call.operation == "CreateModel")
    assert made["PrimaryContainer"]["Environment"] == {"TOKEN": f"x-{CANARY}", "MODE": "quick-mode"}
    assert "No changes" in _run(shell, CANARY, "plan", "ml")
    _run(shell, CANARY, "drift", "ml", "--verbose")
    changed = "".join(_run(shell, OTHER, "plan", "ml", "--format", form) for form in ("text", "json", "html"))
    assert CANARY not in changed
    assert CANARY not in _run(shell, OTHER, "apply", "ml", "--yes", "--poll", "0.05s")
    assert CANARY not in _run(shell, OTHER, "destroy", "ml", "--yes", "--poll", "0.05s")
    left = "".join(path.read_text() for path in (shell.folder / ".sagectl").rglob("*.json"))
    saved = (shell.folder / "saved.json").read_text()
    for secret in (CANARY, OTHER):
        assert secret not in left + saved
    assert set(json.loads(saved)["variables"]) == {"mode"}, (
        "no digest of the sensitive one, which could be guessed"
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_findings_show_no_sensitive_variable(shell: Shell, form: str) -> None:
    """An invalid value, and one inside a name, are findings with a position and without the value."""
    text = MODEL.replace(ROLE, "${var.token}").replace("spec:\n", 'spec:\n  modelName: "${var.token}"\n')
    shell.write("ml/sagectl.yaml", SETTINGS)
    shell.write("ml/model.yaml", text)
    ran = shell.run("validate", "ml", "--var", f"token={CANARY}", "--format", form)
    assert ran.code == 1, ran
    assert CANARY not in ran.out + ran.err
    assert "a sensitive variable is used here" in ran.out + ran.err
    assert "executionRoleArn" in ran.out + ran.err
