"""A secret in every sensitive place is in no output, file or trouble of any command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.kinds import KINDS
from controller.sandbox import InjectedFault, Sandbox
from controller.schema.contract import contract
from controller.schema.shape import Shape, shape
from tests.cli.called import Ran
from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, CARD, GROUP, MODEL_CARD, WORKFORCE
from tests.plan.strangers import foreign_client

OTHER = "canary-9902-nor-this"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"
FAST = ("--poll", "0.05s")
READS = [
    ("validate", "tree"),
    *(
        ("plan", "tree", "--format", form, "--full", "--prune")
        for form in ("text", "json", "markdown", "html")
    ),
    *(("graph", "tree", "--all", "--format", form) for form in ("dot", "mermaid", "svg")),
    *(("status", "tree", "-v", "--format", form) for form in ("text", "json")),
    *(("get", "workforce", "crowd", "--format", form) for form in ("text", "json")),
    *(("get", "modelpackage", PACKAGE, "--format", form) for form in ("text", "json")),
    ("search", "ModelPackage", "--format", "json"),
]
KNOWN = {
    "Workforce": {"OidcConfig.ClientSecret"},
    "ModelPackage": {"ModelCard.ModelCardContent"},
    "ModelCard": {"Content"},
}


def _sensitive(of: Shape, path: str = "", seen: frozenset[str] = frozenset()) -> Iterator[str]:
    if of.sensitive:
        yield path
    elif of.type == "structure" and of.name not in seen:
        for name, inner in of.members.items():
            yield from _sensitive(shape(inner), f"{path}.{name}".lstrip("."), seen | {of.name})
    elif of.element or of.value:
        yield from _sensitive(shape(str(of.element or of.value)), f"{path}[]", seen)


def test_the_canary_is_in_every_sensitive_place() -> None:
    """The documents below fill every member that the recorded model marks sensitive; a new one needs a place here."""
    found = {kind: set(_sensitive(contract(kind).spec)) for kind in KINDS}
    assert {kind: places for kind, places in found.items() if places} == KNOWN


@pytest.fixture
def other_shell(shell: Shell) -> Shell:
    """A tree with the canary in every sensitive place, by every way to give a secret."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("tree/group.yaml", GROUP)
    shell.write("tree/card.yaml", CARD)
    shell.write("tree/model_card.yaml", MODEL_CARD)
    shell.write("tree/workforce.yaml", WORKFORCE)
    return shell


def silent(ran: Ran, line: tuple[str, ...]) -> Ran:
    """The command said nothing of a secret."""
    message = ran.out + ran.err
    assert not [word for word in (CANARY, OTHER) if word in message], line
    return ran


def files(folder: Path) -> Iterator[Path]:
    """Every file that the commands left: all but the documents."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ("card.yaml", "model_card.yaml", "secret.txt"):
            yield path


def kept_nothing(shell: Shell) -> None:
    """No file holds a secret."""
    for path in files(shell.folder):
        data = path.read_bytes()
        assert not [word for word in (CANARY, OTHER) if word.encode() in data], path


def test_no_reading_command_tells(other_shell: Shell) -> None:
    """Neither before nor after the tree is applied does a command that looks show or keep a secret."""
    for line in READS[:8]:
        silent(other_shell.run(*line), line)
    assert silent(other_shell.run("apply", "tree", "--yes", *FAST), ("apply",)).code == 0
    for line in READS:
        assert silent(other_shell.run(*line), line).code in (0, 2), line
    kept_nothing(other_shell)


def test_no_saved_plan_tells(other_shell: Shell, sandbox: Sandbox) -> None:
    """A saved plan, its application, and a plan that went stale by a secret show and keep none."""
    silent(other_shell.run("plan", "tree", "--out", "plan.json"), ("plan",))
    kept_nothing(other_shell)
    assert silent(other_shell.run("apply", "--plan", "plan.json", *FAST), ("apply",)).code == 0
    other_shell.env["CLIENT_SECRET"] = OTHER
    other_shell.write("tree/card.yaml", CARD.replace(CANARY, OTHER))
    silent(other_shell.run("plan", "tree", "--out", "plan.json"), ("plan",))
    foreign_client(sandbox).update_model_package(
        ModelPackageArn=PACKAGE,
        ModelCard={"ModelCardStatus": "Draft", "ModelCardContent": f'{{"model_overview": "{CANARY}!"}}'},
    )
    stale = silent(other_shell.run("apply", "--plan", "plan.json", *FAST), ("apply",))
    assert stale.code == 3
    assert "ModelPackage/v1" in stale.err
    assert silent(other_shell.run("apply", "--plan", "plan.json", "--format", "json"), ("apply",)).code == 3
    kept_nothing(other_shell)


def test_no_trouble_tells(other_shell: Shell, sandbox: Sandbox) -> None:
    """Where AWS repeats a secret in its refusal, where a file is broken, and with --debug, none is shown or kept."""
    sandbox.inject(
        InjectedFault.LIMIT, operation="CreateWorkforce", reason=f"Value '{CANARY}' is not welcome"
    )
    refused = silent(
        other_shell.run("apply", "tree/workforce.yaml", "--yes", "--debug", *FAST), ("apply", "--debug")
    )
    assert refused.code == 1
    assert "is not welcome" in refused.out
    literal = WORKFORCE.replace("{valueFrom: {env: CLIENT_SECRET}}", CANARY)
    other_shell.write("broken/card.yaml", literal)
    for form in ("text", "json"):
        assert silent(other_shell.run("validate", "broken", "--format", form), ("validate",)).code == 1
    kept_nothing(other_shell)


def test_no_deletion_tells(other_shell: Shell) -> None:
    """A prune, shown in full, and a destruction show and keep none."""
    other_shell.write("secret.txt", CANARY)
    other_shell.write("tree/workforce.yaml", WORKFORCE.replace("{env: CLIENT_SECRET}", "{file: secret.txt}"))
    assert silent(other_shell.run("apply", "tree", "--yes", *FAST), ("apply",)).code == 0
    (other_shell.folder / "tree" / "card.yaml").unlink()
    for form in ("text", "json", "markdown", "html"):
        line = ("plan", "tree", "--prune", "--full", "--format", form)
        assert silent(other_shell.run(*line), line).code == 2
    other_shell.write("tree/card.yaml", CARD)
    assert silent(other_shell.run("destroy", "tree", "--yes", "--full", *FAST), ("destroy",)).code == 0
    kept_nothing(other_shell)
