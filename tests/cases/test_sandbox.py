from pathlib import Path

from tests.cli.conftest import Shell

INPUTS = Path(__file__).parent / "inputs"


def test_a_package_of_another_account_is_accepted(bare_shell: Shell) -> None:
    """A model of another account's package is created at once, because that can't be read from here."""
    bare_shell.write("model.yaml", (INPUTS / "cross-account-package.yaml").read_text())
    ran = bare_shell.run("apply", "model.yaml", "--sandbox", "--yes", "--poll", "0.05s")
    assert ran.code == 0, ran.out + ran.err
    again = bare_shell.run("plan", "model.yaml", "--sandbox")
    assert again.code == 0, again.out + again.err
