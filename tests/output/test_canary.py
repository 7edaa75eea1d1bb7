"""Secrets in every sensitive member are in no output, file or error of any command."""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.cli.parser import build
from controller.kinds import KINDS
from controller.sandbox import InjectedFault, Sandbox
from controller.schema.contract import contract
from controller.schema.shape import Shape, shape
from tests.cli.conftest import Shell
from tests.cli.in_process import CommandResult
from tests.cli.trees import CANARY, CARD, GROUP, MODEL_CARD, WORKFORCE
from tests.plan.foreign_edits import foreign_client

OTHER = "canary-9902-nor-this"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"
FAST = ("--poll", "0.05s")
BEFORE = [  # read the documents, and an account that has nothing of them
    ("validate", "tree"),
    ("validate", "tree", "--format", "json"),
    *(
        ("plan", "tree", "--format", form, "--full", "--prune")
        for form in ("text", "json", "markdown", "html")
    ),
    *(("graph", "tree", "--all", "--format", form) for form in ("dot", "mermaid", "svg")),
]
READS = [
    *BEFORE,
    *(("status", "tree", "-v", "--format", form) for form in ("text", "json")),
    *(("get", "workforce", "crowd", "--format", form) for form in ("text", "json")),
    *(("get", "modelpackage", PACKAGE, "--format", form) for form in ("text", "json")),
    *(("search", "ModelPackage", "--format", form) for form in ("text", "json")),
    *(("drift", "tree", "-v", "--format", form) for form in ("text", "json", "html")),
    *(("inventory", "list", "tree", "--format", form) for form in ("text", "json")),
    *(("inventory", "rebuild", "tree", "--format", form) for form in ("text", "json")),
    *(("export", "--all", "--format", form) for form in ("text", "json")),
    *(("convert", "boto3", "create-workforce.json", "--format", form) for form in ("text", "json")),
    *(("iam", "tree", "--format", form) for form in ("text", "json")),
    *(("explain", "Workforce.spec.oidcConfig", "--format", form) for form in ("text", "json")),
    *(("doctor", "tree", "--format", form) for form in ("text", "json")),
    ("schema", "Workforce"),
]
# What no value of a document or of an account reaches.
FIXED = frozenset({"init", "crds", "rbac", "completion", "version", "sandbox"})
# Outputs of the processes that stay, and what is sent elsewhere: modules, and the test with a canary for them.
SENT = {
    "cli/sync.py": "gitops/test_secrets.py",
    "cli/operator.py": "operator/test_canaries.py",
    "cli/reconcile.py": "operator/test_canaries.py",  # it prints conditions of an object
    "operator/conditions.py": "operator/test_canaries.py",
    "operator/events.py": "operator/test_canaries.py",
    "operator/metrics.py": "operator/test_canaries.py",
    "operator/gitsync/status.py": "operator/test_gitsync_status.py",
    "operator/gitsync/notifier.py": "gitops/test_webhooks_and_statuses.py",
    "gitops/status_writer.py": "gitops/test_secrets.py",
    "gitops/commit_statuses.py": "gitops/test_webhooks_and_statuses.py",
    "gitops/notifications.py": "gitops/test_webhooks_and_statuses.py",
    "gitops/pull_request_plans.py": "gitops/test_reviews.py",
    "gitops/metrics.py": "gitops/test_webhooks_and_statuses.py",
    "notify/comments.py": "notify/test_comments.py",
    "notify/commit_status_reporter.py": "gitops/test_webhooks_and_statuses.py",
    "notify/webhook_message.py": "gitops/test_webhooks_and_statuses.py",
    "runtime/log.py": "operator/test_canaries.py",
    "runtime/metrics.py": "operator/test_canaries.py",
    "runtime/tracing.py": "cli/test_tracing.py",
    "api/reconciliation.py": "api/test_python_api.py",
}
# A module that writes for people or sends to another program has one of these in its name.
WRITES = re.compile(
    r"(events|metrics|status|status_writer|notifi\w+|conditions|comments|commit_status\w*|message|log|tracing|pull_request_plans)\.py"
)
SILENT = {
    "aws_events/message.py": "it reads",
    "crds/status.py": "a schema",
    "crds/sync_status.py": "a schema",
    "gitops/status.py": "records, written by others",
    "operator/aws_events.py": "it reads",
    "cli/status.py": "a command, of which each form is read above",
    "output/status.py": "of that command",
}
DOCUMENTS = ("card.yaml", "model_card.yaml", "secret.txt", "create-workforce.json")
KNOWN = {
    "Workforce": {"OidcConfig.ClientSecret"},
    "ModelPackage": {"ModelCard.ModelCardContent"},
    "ModelCard": {"Content"},
}


def _sensitive_paths(of: Shape, path: str = "", seen: frozenset[str] = frozenset()) -> Iterator[str]:
    if of.sensitive:
        yield path
    elif of.type == "structure" and of.name not in seen:
        for name, inner in of.members.items():
            yield from _sensitive_paths(shape(inner), f"{path}.{name}".lstrip("."), seen | {of.name})
    elif of.element or of.value:
        yield from _sensitive_paths(shape(str(of.element or of.value)), f"{path}[]", seen)


def test_the_canary_is_in_every_sensitive_place() -> None:
    """The documents below fill every member that the recorded model marks as sensitive."""
    found = {kind: set(_sensitive_paths(contract(kind).spec)) for kind in KINDS}
    assert {kind: places for kind, places in found.items() if places} == KNOWN


@pytest.fixture
def canary_shell(shell: Shell) -> Shell:
    """A tree with the canary in every sensitive member, in every form of a secret."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("tree/group.yaml", GROUP)
    shell.write("tree/card.yaml", CARD)
    shell.write("tree/model_card.yaml", MODEL_CARD)
    shell.write("tree/workforce.yaml", WORKFORCE)
    request = {"WorkforceName": "crowd", "OidcConfig": {"ClientId": "me", "ClientSecret": CANARY}}
    shell.write("create-workforce.json", json.dumps(request))
    return shell


def assert_no_secret_in(ran: CommandResult, line: tuple[str, ...]) -> CommandResult:
    """Assert that the command's output has no secret."""
    message = ran.out + ran.err
    assert not [word for word in (CANARY, OTHER) if word in message], line
    return ran


def written_files(folder: Path) -> Iterator[Path]:
    """Every file that the commands left: all but the documents."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in DOCUMENTS:
            yield path


def assert_no_secret_in_files(shell: Shell) -> None:
    """No file holds a secret."""
    for path in written_files(shell.folder):
        data = path.read_bytes()
        assert not [word for word in (CANARY, OTHER) if word.encode() in data], path


def test_no_reading_command_tells(canary_shell: Shell) -> None:
    """Neither before nor after the tree is applied does a reading command show or store a secret."""
    for line in BEFORE:
        assert_no_secret_in(canary_shell.run(*line), line)
    assert (
        assert_no_secret_in(
            canary_shell.run("apply", "tree", "--yes", "--format", "json", *FAST), ("apply",)
        ).code
        == 0
    )
    for line in READS:
        assert assert_no_secret_in(canary_shell.run(*line), line).code in (0, 2), line
    assert_no_secret_in_files(canary_shell)


def _commands_and_formats() -> Iterator[tuple[str, str]]:
    """Each command with each of its formats."""
    (commands,) = (each for each in build()._actions if isinstance(each, argparse._SubParsersAction))
    for name, parser in commands.choices.items():
        formats = [each.choices for each in parser._actions if "--format" in each.option_strings]
        for form in formats[0] if formats else ("",):
            yield name, form


def test_every_output_has_a_canary() -> None:
    """Each format of each command is read above, or fixed; each other module that writes names its test."""
    changing = {("apply", "text"), ("apply", "json"), ("destroy", "text"), ("destroy", "json")}
    sent = {path.removeprefix("cli/").removesuffix(".py") for path in SENT if path.startswith("cli/")}
    read = {(line[0], line[line.index("--format") + 1] if "--format" in line else "text") for line in READS}
    left = {
        (name, form)
        for name, form in _commands_and_formats()
        if name not in FIXED | sent and (name, form or "text") not in read | changing
    }
    assert not left
    root = Path(__file__).parents[2]
    writing = {
        str(path.relative_to(root / "controller"))
        for path in (root / "controller").rglob("*.py")
        if WRITES.fullmatch(path.name) and path.parts[-2] != "sandbox"
    }
    assert writing - SENT.keys() - SILENT.keys() == set()
    for module, test in SENT.items():
        assert (root / "controller" / module).exists(), module
        assert "canary" in (root / "tests" / test).read_text(encoding="utf-8").lower(), test


def test_no_saved_plan_tells(canary_shell: Shell, sandbox: Sandbox) -> None:
    """A saved plan, its application, and a plan that is stale because of a secret show and store none."""
    assert_no_secret_in(canary_shell.run("plan", "tree", "--out", "plan.json"), ("plan",))
    assert_no_secret_in_files(canary_shell)
    assert assert_no_secret_in(canary_shell.run("apply", "--plan", "plan.json", *FAST), ("apply",)).code == 0
    canary_shell.env["CLIENT_SECRET"] = OTHER
    canary_shell.write("tree/card.yaml", CARD.replace(CANARY, OTHER))
    assert_no_secret_in(canary_shell.run("plan", "tree", "--out", "plan.json"), ("plan",))
    foreign_client(sandbox).update_model_package(
        ModelPackageArn=PACKAGE,
        ModelCard={"ModelCardStatus": "Draft", "ModelCardContent": f'{{"model_overview": "{CANARY}!"}}'},
    )
    stale = assert_no_secret_in(canary_shell.run("apply", "--plan", "plan.json", *FAST), ("apply",))
    assert stale.code == 3
    assert "ModelPackage/v1" in stale.err
    assert (
        assert_no_secret_in(
            canary_shell.run("apply", "--plan", "plan.json", "--format", "json"), ("apply",)
        ).code
        == 3
    )
    assert_no_secret_in_files(canary_shell)


def test_no_trouble_tells(canary_shell: Shell, sandbox: Sandbox) -> None:
    """Where AWS repeats a secret in its refusal, where a file is broken, and with --debug, none is shown or kept."""
    sandbox.inject(
        InjectedFault.LIMIT, operation="CreateWorkforce", reason=f"Value '{CANARY}' is not welcome"
    )
    refused = assert_no_secret_in(
        canary_shell.run("apply", "tree/workforce.yaml", "--yes", "--debug", *FAST), ("apply", "--debug")
    )
    assert refused.code == 1
    assert "is not welcome" in refused.out
    literal = WORKFORCE.replace("{valueFrom: {env: CLIENT_SECRET}}", CANARY)
    canary_shell.write("broken/card.yaml", literal)
    for form in ("text", "json"):
        assert (
            assert_no_secret_in(canary_shell.run("validate", "broken", "--format", form), ("validate",)).code
            == 1
        )
    assert_no_secret_in_files(canary_shell)


def test_no_deletion_tells(canary_shell: Shell) -> None:
    """A prune, shown in full, and a destruction show and keep none."""
    canary_shell.write("secret.txt", CANARY)
    canary_shell.write("tree/workforce.yaml", WORKFORCE.replace("{env: CLIENT_SECRET}", "{file: secret.txt}"))
    assert assert_no_secret_in(canary_shell.run("apply", "tree", "--yes", *FAST), ("apply",)).code == 0
    (canary_shell.folder / "tree" / "card.yaml").unlink()
    for form in ("text", "json", "markdown", "html"):
        line = ("plan", "tree", "--prune", "--full", "--format", form)
        assert assert_no_secret_in(canary_shell.run(*line), line).code == 2
    canary_shell.write("tree/card.yaml", CARD)
    first = ("destroy", "tree/workforce.yaml", "--yes", "--full", "--format", "json", *FAST)
    assert assert_no_secret_in(canary_shell.run(*first), first).code == 0
    assert (
        assert_no_secret_in(canary_shell.run("destroy", "tree", "--yes", "--full", *FAST), ("destroy",)).code
        == 0
    )
    assert_no_secret_in_files(canary_shell)
