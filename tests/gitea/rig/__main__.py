"""``make forge``: a Gitea for developers to push to, or one for tests."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gitea.rig.program import program
from tests.gitea.rig.server import Access, server
from tests.programs.built import Report
from tests.programs.rig_command import play


@contextmanager
def _serving(folder: Path, report: Report) -> Iterator[Access]:
    found = program(report)
    report("starting Gitea")
    with server(found, folder) as access:
        yield access


def _shutdown_message(access: Access) -> str:
    from tests.gitea.instructions import handout  # tests start sooner without a user's set-up

    return handout(access)


if __name__ == "__main__":
    sys.exit(play(sys.argv[1:], _serving, _shutdown_message))
