import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.cli.output import Output, Reader
from controller.core.cloud import Call
from controller.core.finding import Code, Finding
from controller.core.secret import SecretError
from controller.engine.plan import SecretUse
from controller.engine.report import Event, Happening, Outcome, Result
from controller.output.redact import Redactor
from controller.output.values import MASKED
from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, CARD, GROUP, SERVING, WORKFORCE
from tests.output import plans

RUNS = [
    ("validate",), ("plan",), ("apply", "--yes", "--poll", "0.05s"), ("plan",), ("status",),
    ("destroy", "--yes", "--poll", "0.05s"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_command_shows_the_canary(shell: Shell, sandbox: Sandbox, form: str) -> None:
    """Neither a secret nor a sensitive document is in any output of any command, nor readable in the inventory."""
    shell.env["CLIENT_SECRET"] = CANARY
    for name, text in (("group", GROUP), ("card", CARD), ("workforce", WORKFORCE)):
        shell.write(f"tree/{name}.yaml", text)
    for command, *parts in RUNS:
        ran = shell.run(command, "tree", "--format", form, *parts)
        assert CANARY not in ran.out + ran.err, command
        assert ran.code in (0, 2), ran
    assert any(call.operation == "CreateWorkforce" for call in sandbox.calls)


ENVIRONMENT = SERVING.replace(
    "modelDataUrl: s3://bucket/one.tar.gz}",
    "modelDataUrl: s3://bucket/one.tar.gz, environment: {MODE: fast, TOKEN: {valueFrom: {env: TOKEN}}}}",
)


def test_a_secret_of_an_environment_is_rotated_and_never_shown(shell: Shell, sandbox: Sandbox) -> None:
    """A reference in an environment reaches AWS, a rotation moves the endpoint to a new model; no output has it."""
    shell.env["TOKEN"] = CANARY
    shell.write("ml/serving.yaml", ENVIRONMENT)
    steps = [("plan",), ("apply", "--yes", "--poll", "0.05s"), ("plan",), ("drift", "--verbose"), ("status",)]
    for form in ("json", "text"):
        for command, *parts in steps:
            ran = shell.run(command, "ml", "--format", form, *parts)
            assert CANARY not in ran.out + ran.err, command
    assert ran.code == 0, ran
    models = [call.params for call in sandbox.calls if call.operation == "CreateModel"]
    assert [each["PrimaryContainer"]["Environment"] for each in models] == [{"MODE": "fast", "TOKEN": CANARY}]
    assert shell.run("plan", "ml").code == 0

    shell.env["TOKEN"] = "another-secret-entirely"
    shown = [shell.run("plan", "ml", "--format", form) for form in ("text", "json", "markdown", "html")]
    assert {ran.code for ran in shown} == {2}
    assert "(sensitive, another value)" in shown[0].out
    done = shell.run("apply", "ml", "--yes", "--poll", "0.05s")
    assert done.code == 0, done
    assert shell.run("plan", "ml").code == 0, "a rotation is brought once"
    left = "".join(path.read_text() for path in (shell.folder / ".sagectl").rglob("*.json"))
    for secret in (CANARY, "another-secret"):
        assert secret not in "".join(ran.out + ran.err for ran in (*shown, done)) + left


def test_drift_accept_writes_no_secret_into_a_document(shell: Shell, sandbox: Sandbox) -> None:
    """A value that differs from its reference is reported as drift, and not written to the files."""
    shell.env["TOKEN"] = CANARY
    fixed = ENVIRONMENT.split("---")[0].replace("spec:", "spec:\n  modelName: fixed", 1)
    shell.write("ml/model.yaml", fixed)
    assert shell.run("apply", "ml", "--yes", "--poll", "0.05s").code == 0
    shell.env["TOKEN"] = "another-secret-entirely"
    ran = shell.run("drift", "ml", "--accept")
    assert (ran.code, "it is a secret" in ran.err) == (2, True), ran
    assert (shell.folder / "ml/model.yaml").read_text(encoding="utf-8") == fixed


def test_a_changed_secret_is_not_shown(shell: Shell) -> None:
    """A plan that changes a secret reports that, and shows neither the old nor the new value."""
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
    sandbox.inject(
        InjectedFault.LIMIT, operation="CreateWorkforce", reason=f"Value '{CANARY}' is not welcome"
    )
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


def test_a_secret_from_a_file(local_shell: Shell) -> None:
    """A secret may be in a file; for a missing file the command fails, and its output names the file."""
    text = WORKFORCE.replace("{env: CLIENT_SECRET}", "{file: secret.txt}")
    local_shell.write("workforce.yaml", text)
    missing = local_shell.run("apply", "workforce.yaml", "--yes")
    assert missing.code == 1
    assert "the file secret.txt can't be read" in missing.out
    local_shell.write("secret.txt", CANARY + "\n")
    assert local_shell.run("apply", "workforce.yaml", "--yes").code == 0


def test_known_secrets_leave_every_text() -> None:
    """A secret that was read is removed from texts, also in its JSON form."""
    secret = 'quo"te\nline'
    redactor = Redactor(frozenset({secret}))
    assert redactor.text(f"it was {secret}") == "it was (sensitive)"
    assert redactor.text(json.dumps({"x": secret})) == '{"x": "(sensitive)"}'


def test_events_and_outcomes_are_cleaned() -> None:
    """Events during a pass are redacted too, and the input of calls is not in them."""
    redactor = Redactor(frozenset({CANARY}))
    call = Call("CreateWorkforce", {"OidcConfig": {"ClientSecret": CANARY}})
    step = replace(plans.CARD, detail=CANARY, reason=CANARY, notes=(CANARY,))
    event = redactor.event(Event(Happening.CALLED, step, call, CANARY))
    outcome = redactor.outcome(Outcome(step, Result.FAILED, CANARY))
    assert CANARY not in repr(event) + repr(outcome)


def test_secrets_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """References that can't be resolved are named in the error; values that were read are known from then on."""
    monkeypatch.setenv("GOOD", CANARY)
    reader = Reader()
    assert reader({"env": "GOOD"}) == CANARY
    assert reader.read_values == {CANARY}
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    for reference, message in (
        ({"env": "NOT_THERE"}, "NOT_THERE"),
        ({"file": str(tmp_path / "empty")}, "empty"),
        ({"secretKeyRef": {"name": "a", "key": "b"}}, "inside a cluster"),
        ({}, "nothing"),
    ):
        with pytest.raises(SecretError, match=message):
            reader(reference)
    with pytest.raises(SecretError, match="no-such"):
        reader({"file": str(tmp_path / "no-such")})


def test_a_secret_s_place_in_a_call_is_hidden() -> None:
    """If a call has a secret, the reference is hidden too, at any path."""
    call = Call("CreateWorkforce", {"WorkforceName": SecretUse((("env", "NAME"),))})
    step = Redactor().step(replace(plans.SECRET, calls=(call,)))
    assert step.calls[0].params == {"WorkforceName": MASKED}


@pytest.mark.parametrize("value", [None, "text", {}, []])
def test_a_secret_that_is_a_key_is_hidden_whatever_it_holds(value: Any) -> None:
    """A mapping is shown as it is only where none of its keys was hidden either."""
    call = Call("CreateModel", {"PrimaryContainer": {"Environment": {CANARY: value}}})
    step = Redactor(frozenset({CANARY})).step(replace(plans.CARD, after=call.params, calls=(call,)))
    assert CANARY not in repr(step)


def test_the_last_door_is_guarded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All output, results, findings and errors, is redacted of the secrets that were read."""
    monkeypatch.setenv("CLIENT_SECRET", CANARY)
    out = Output()
    out.secrets({"env": "CLIENT_SECRET"})
    out.write(f"said {CANARY}\n")
    out.result({"told": CANARY})
    out.error(f"went wrong: {CANARY}", f"not {CANARY}")
    out.findings([Finding(Code.RULE, CANARY)])
    shown = capsys.readouterr()
    assert CANARY not in shown.out + shown.err
    assert (shown.out + shown.err).count("(sensitive)") == 5
