"""``sagectl completion``: commands, options, kinds, targets and names, in each shell."""

import re
import shutil
import subprocess

import pytest

from controller.cli.parser import build
from controller.cli.usage_errors import commands
from controller.schema.kind_names import kind_names
from tests.cli.conftest import Shell
from tests.cli.trees import SERVING
from tests.programs.forked import command_folder

SHELLS = ("bash", "zsh", "tcsh", "fish")


@pytest.mark.parametrize("name", SHELLS)
def test_every_script_has_commands_options_and_lists(bare_shell: Shell, name: str) -> None:
    """Each shell's script has every command, the options of the commands, and the source of the lists."""
    ran = bare_shell.run("completion", name)
    assert ran.code == 0
    for command in commands(build()):
        assert re.search(rf"\b{command}\b", ran.out), command
    assert "confirm-deletes" in ran.out
    for listed in ("kinds", "targets", "names"):
        assert f"sagectl completion {listed}" in ran.out


def test_lists_are_of_the_folder(bare_shell: Shell) -> None:
    """Kinds are all; targets and names are those of the folder's documents, or none."""
    assert tuple(bare_shell.run("completion", "kinds").out.split()) == kind_names()
    assert bare_shell.run("completion", "targets").out == ""
    bare_shell.write("ml/serving.yaml", SERVING)
    bare_shell.write("ml/broken.yaml", "a: [")
    assert bare_shell.run("completion", "targets").out.split() == [
        "Endpoint/fraud",
        "EndpointConfig/fraud",
        "Model/fraud",
    ]
    assert bare_shell.run("completion", "names").out.split() == ["fraud"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sagectl pla", {"plan"}),
        ("sagectl explain endpoint-c", {"endpoint-configs"}),
        ("sagectl plan . --target EndpointC", {"EndpointConfig/fraud"}),
        ("sagectl plan . --exclude M", {"Model/fraud"}),
        ("sagectl get models fr", {"fraud"}),
        ("sagectl init --fr", {"--from"}),
    ],
)
def test_bash_completes_words(bare_shell: Shell, line: str, expected: set[str]) -> None:
    """A real bash completes commands, options, kinds, targets and names."""
    bare_shell.write("serving.yaml", SERVING)
    bare_shell.write("complete.bash", bare_shell.run("completion", "bash").out)
    parts = line.split()
    script = f"""
    PATH="{command_folder()}:$PATH"; source ./complete.bash
    COMP_WORDS=({line}); COMP_CWORD={len(parts) - 1}; COMP_LINE="{line}"; COMP_POINT={len(line)}
    _shtab_sagectl; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ran = subprocess.run(
        [str(shutil.which("bash")), "-c", script], cwd=bare_shell.folder, env=bare_shell.environment(), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert expected <= set(ran.stdout.split()), ran
    assert all(word.startswith(parts[-1]) for word in ran.stdout.split())


def test_fish_has_a_line_for_each_option(bare_shell: Shell) -> None:
    """In fish a choice of an option is completed, and quotes in a help text end no string."""
    lines = bare_shell.run("completion", "fish").out.splitlines()
    assert all(line.startswith("complete -c sagectl ") for line in lines)
    assert any("from plan'" in line and "-l format -xa 'text json markdown html'" in line for line in lines)
    assert any(
        "from plan'" in line and "-l target -xa '(sagectl completion targets)'" in line for line in lines
    )
    assert [line for line in lines if re.sub(r"\\.", "", line).count("'") % 2] == []
