import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cli.conftest import SAGECTL, Shell
from tests.cli.trees import GROUP


@contextmanager
def serve_sandbox(shell: Shell, *arguments: str) -> Iterator[dict[str, str]]:
    """A served sandbox, and the variables that it prints for export."""
    process = subprocess.Popen(
        [str(SAGECTL), "sandbox", "--port", "0", "--pace", "1000", *arguments],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = ""
    while "SECRET_ACCESS_KEY" not in printed:
        line = process.stdout.readline()
        assert line, "it ended early"
        printed += line
    try:
        yield dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.MULTILINE))
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "stopped\n")


def test_the_printed_variables_suffice(bare_shell: Shell) -> None:
    """The printed export lines suffice for ``sagectl`` to use a served sandbox."""
    bare_shell.write("group.yaml", GROUP)
    with serve_sandbox(bare_shell) as exports:
        # not the variable of all services
        services = {"SAGEMAKER", "STS", "RESOURCE_GROUPS_TAGGING_API", "APPLICATION_AUTO_SCALING"}
        services |= {"CLOUDWATCH", "IAM", "ECR", "SERVICE_QUOTAS"}
        assert {name for name in exports if "URL" in name} == {f"AWS_ENDPOINT_URL_{one}" for one in services}
        bare_shell.env = exports
        assert bare_shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s").code == 0
        assert bare_shell.run("status", "group.yaml").code == 0
    assert "can't" not in bare_shell.run("plan", "group.yaml").out


def test_its_state_outlives_it(bare_shell: Shell) -> None:
    """With --state a restarted sandbox has the earlier resources."""
    bare_shell.write("group.yaml", GROUP)
    for expected in (2, 0):
        with serve_sandbox(bare_shell, "--state", "kept/state.sqlite") as exports:
            bare_shell.env = exports
            assert bare_shell.run("plan", "group.yaml").code == expected
            assert bare_shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s").code == 0
        bare_shell.env = {}


def test_a_port_in_use_is_reported(bare_shell: Shell) -> None:
    """A port in use is named, with the way to a free one."""
    with serve_sandbox(bare_shell) as exports:
        port = exports["AWS_ENDPOINT_URL_SAGEMAKER"].rsplit(":", 1)[1]
        ran = bare_shell.run("sandbox", "--port", port)
    assert ran.code == 1
    assert f"can't listen on 127.0.0.1:{port}" in ran.err
    assert "--port 0 selects a free port" in ran.err
