"""One poll with its loading, in a separate process, and its cost.

Run as ``python -m tests.source.git.measured CACHE AUTHORITY GOOD URL``.

A good repository is looked at before, so that what Python and git take anyway doesn't count. What each git process
allocates is held under the same bound by the kernel: with less than it needs it would end with another finding.
"""

import json
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from controller.manifests.load import load_bytes
from controller.source.git.errors import SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Source, SourceLimits
from tests.programs.forked import run_to_end
from tests.source.git.forge import Forge

MEGABYTES = 64
_KIB_PER_MIB = 1024


@dataclass(frozen=True)
class PollUsage:
    """Codes of the findings, seconds of processor time and megabytes, those of the programs it started included."""

    codes: list[str]
    messages: list[str]
    seconds: float
    megabytes: float


def measure_poll(forge: Forge, cache: Path, good: str, name: str) -> PollUsage:
    """Poll a repository of the server in another process."""
    authority = cache.with_suffix(".pem")
    authority.write_text(forge.issued.authority)
    parts = [str(cache), str(authority), forge.url(good), forge.url(name)]
    done = run_to_end(parts, module="tests.source.git.measured", env=os.environ, timeout=120)
    assert done.returncode == 0, done.stderr
    return PollUsage(**json.loads(done.stdout))


def _usage() -> tuple[float, float]:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in both), sum(u.ru_maxrss for u in both) / _KIB_PER_MIB


def _main(cache: str, authority: str, good: str, url: str) -> None:
    ca, selector = Path(authority).read_text(), RevisionSelector(RevisionForm.BRANCH, "main")
    mirrors = Mirrors(Path(cache))
    limits = SourceLimits(memory_bytes=MEGABYTES * 1024 * 1024)
    first = mirrors.fetch_snapshot(Source(good, selector, ca=ca, limits=limits))
    assert not isinstance(first, SourceFailure)
    assert not load_bytes(first.files).findings
    seconds, megabytes = _usage()
    outcome = mirrors.fetch_snapshot(Source(url, selector, ca=ca, limits=limits))
    findings = outcome.findings if isinstance(outcome, SourceFailure) else load_bytes(outcome.files).findings
    after = _usage()
    document = {
        "codes": sorted({finding.code.name for finding in findings}),
        "messages": [str(finding) for finding in findings],
        "seconds": after[0] - seconds,
        "megabytes": after[1] - megabytes,
    }
    print(json.dumps(document))


if __name__ == "__main__":
    _main(*sys.argv[1:])
