"""``make forge``: a Gitea for developers to push to, or one for tests."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gitea.rig.program import program
from tests.gitea.rig.server import Access, run_server
from tests.programs.built import Report
from tests.programs.rig_command import play


@contextmanager
def _serve(folder: Path, report: Report) -> Iterator[Access]:
    found = program(report)
    report("starting Gitea")
    with run_server(found, folder) as access:
        yield access


def _shutdown_message(access: Access) -> str:
    from tests.gitea.instructions import write_instructions  # tests start sooner without a user's set-up

    return write_instructions(access)


if __name__ == "__main__":
    sys.exit(play(sys.argv[1:], _serve, _shutdown_message))
