import json
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.cloud import Call
from controller.engine.events import Event, Happening
from controller.engine.report import Outcome, Result
from controller.fronts.render.redact import Redactor
from controller.fronts.secrets import Reader
from controller.sandbox import Fault, Sandbox
from tests.fronts import plans
from tests.fronts.conftest import Shell
from tests.fronts.trees import CANARY, CARD, GROUP, WORKFORCE

RUNS = [
    ("validate",), ("plan",), ("apply", "--yes", "--poll", "0.05s"), ("plan",), ("status",),
    ("destroy", "--yes", "--poll", "0.05s"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_command_shows_the_canary(shell: Shell, sandbox: Sandbox, form: str) -> None:
    """Neither a secret nor a sensitive document is in any output of any command, nor in the inventory's plain sight."""
    shell.env["CLIENT_SECRET"] = CANARY
    for name, text in (("group", GROUP), ("card", CARD), ("workforce", WORKFORCE)):
        shell.write(f"tree/{name}.yaml", text)
    for command, *words in RUNS:
        ran = shell.run(command, "tree", "--format", form, *words)
        assert CANARY not in ran.out + ran.err, command
        assert ran.code in (0, 2), ran
    assert any(call.operation == "CreateWorkforce" for call in sandbox.calls)


def test_a_changed_secret_is_not_shown(shell: Shell) -> None:
    """A plan that changes a secret says so, and shows neither the old nor the new one."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("workforce.yaml", WORKFORCE)
    shell.run("apply", "workforce.yaml", "--yes", "--poll", "0.05s")
    shell.env["CLIENT_SECRET"] = "another-secret-entirely"
    ran = shell.run("plan", "workforce.yaml")
    assert ran.code == 2
    assert "clientSecret: (sensitive) -> (sensitive)" in ran.out
    assert "another-secret" not in ran.out
    assert CANARY not in ran.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_aws_cannot_make_us_show_it(shell: Shell, sandbox: Sandbox, form: str) -> None:
    """A refusal in which AWS repeats the secret is shown without it."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("workforce.yaml", WORKFORCE)
    sandbox.inject(Fault.LIMIT, operation="CreateWorkforce", reason=f"Value '{CANARY}' is not welcome")
    ran = shell.run("apply", "workforce.yaml", "--yes", "--format", form)
    assert ran.code == 1
    assert "is not welcome" in ran.out
    assert CANARY not in ran.out + ran.err


def test_the_inventory_keeps_no_secret(shell: Shell) -> None:
    """The inventory holds a keyed digest of the secret, and not the secret."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("workforce.yaml", WORKFORCE)
    shell.run("apply", "workforce.yaml", "--yes", "--poll", "0.05s")
    (file,) = (shell.folder / ".sagectl").glob("*.json")
    assert CANARY not in file.read_text(encoding="utf-8")
    assert "OidcConfig.ClientSecret" in file.read_text(encoding="utf-8")


def test_a_secret_from_a_file(local: Shell) -> None:
    """A secret may be in a file; a file that is not there is named and blocks only what needs it."""
    text = WORKFORCE.replace("{env: CLIENT_SECRET}", "{file: secret.txt}")
    local.write("workforce.yaml", text)
    missing = local.run("apply", "workforce.yaml", "--yes")
    assert missing.code == 1
    assert "the file secret.txt can't be read" in missing.out
    local.write("secret.txt", CANARY + "\n")
    assert local.run("apply", "workforce.yaml", "--yes").code == 0


def test_known_secrets_leave_every_text() -> None:
    """A secret that was read is taken out of texts, also in the form that JSON gives it."""
    secret = 'quo"te\nline'
    redactor = Redactor(frozenset({secret}))
    assert redactor.text(f"it was {secret}") == "it was (sensitive)"
    assert redactor.text(json.dumps({"x": secret})) == '{"x": "(sensitive)"}'


def test_events_and_outcomes_are_cleaned() -> None:
    """What is told while a turn runs goes through the same net, and a call's input is not told at all."""
    redactor = Redactor(frozenset({CANARY}))
    call = Call("CreateWorkforce", {"OidcConfig": {"ClientSecret": CANARY}})
    step = replace(plans.CARD, detail=CANARY, reason=CANARY, notes=(CANARY,))
    event = redactor.event(Event(Happening.CALLED, step, call, CANARY))
    outcome = redactor.outcome(Outcome(step, Result.FAILED, CANARY))
    assert CANARY not in repr(event) + repr(outcome)


def test_secrets_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """References that can't be followed are named in the error; what was read is known from then on."""
    monkeypatch.setenv("GOOD", CANARY)
    reader = Reader()
    assert reader({"env": "GOOD"}) == CANARY
    assert reader.known == {CANARY}
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    for reference, said in (
        ({"env": "NOT_THERE"}, "NOT_THERE"),
        ({"file": str(tmp_path / "empty")}, "empty"),
        ({"secretKeyRef": {"name": "a", "key": "b"}}, "inside a cluster"),
        ({}, "nothing"),
    ):
        with pytest.raises(KeyError, match=said):
            reader(reference)
    with pytest.raises(OSError, match="no-such"):
        reader({"file": str(tmp_path / "no-such")})
