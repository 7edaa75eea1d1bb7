"""What a sync costs: ``python -m tests.benchmarks.sync [N]`` prints a table of counts, seconds and memory.

Fails on counts and on sizes; seconds of processor time hold the sandbox's and git's share and are for people.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.gitops.status import SyncState
from controller.gitops.sync import SyncMode
from controller.source.git.snapshot import Mirrors
from controller.webhooks.trigger_queue import TriggerQueue
from tests.gitops.stage import Stage, group
from tests.source.git.authority import issue_certificate
from tests.source.git.following import git_source
from tests.source.git.forge import serve_forge
from tests.source.git.repository import Files, Repository

_STATUS = 64 * 1024
_HOOKED, _ENQUEUED = 700, 1.0
Row = tuple[str, str, bool]


@contextmanager
def stage_of_syncs() -> Iterator[Stage]:
    """A git server with an empty repository, and an empty account."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "forge")
        root.mkdir()
        with serve_forge(root, issue_certificate()) as forge:
            yield Stage(forge, Repository(root / "fleet.git"), Path(folder, "sync"))


def _cpu_seconds() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def _cpu_seconds_of(work: Callable[[], object]) -> float:
    before = _cpu_seconds()
    work()
    return _cpu_seconds() - before


def measure_plan(count: int) -> list[Row]:
    """The cost from a push of ``count`` documents to their plan, and the size of the status."""
    with stage_of_syncs() as stage:
        files: Files = {
            f"deploy/{n}.yaml": "---\n".join(group(f"g{i}") for i in range(n, min(n + 500, count)))
            for n in range(0, count, 500)
        }
        stage.push(files)
        stage.start(stage.sync(mode=SyncMode.PLAN))
        seconds = _cpu_seconds_of(stage.wait)
        size = (stage.folder / "state" / "prod.json").stat().st_size
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        right = stage.record().state is SyncState.PENDING and stage.mutations() == []
    return [
        (f"G1: plan of {count:,}", f"{seconds:.1f} s of CPU, {megabytes:.0f} MB at most", right),
        (f"G7: status of {count:,}", f"{size:,} bytes", size < _STATUS),
    ]


def measure_quiet_poll() -> list[Row]:
    """The cost of a poll without a change."""
    with stage_of_syncs() as stage:
        stage.push({f"deploy/{n}.yaml": group(f"g{n}") for n in range(100)})
        stage.start(stage.sync())
        stage.wait(200)
        stage.forge.requests.clear()
        stage.sandbox.clear_calls()
        follower = stage.of("prod")
        follower.request(stage.clock.now())
        seconds = _cpu_seconds_of(follower.reconcile_if_due)
        requested = (stage.forge.count("ls-refs"), stage.forge.count("fetch"), len(list(stage.sandbox.calls)))
    message = f"{requested[0]} listing, {requested[1]} fetches, {requested[2]} calls, {seconds * 1000:.0f} ms of CPU"
    return [("G2: nothing new", message, requested == (1, 0, 0))]


def measure_shared_push(count: int) -> list[Row]:
    """The cost of a push that triggers ``count`` syncs at once."""
    with stage_of_syncs() as stage:
        stage.push({f"t{n}/a.yaml": group(f"g{n}") for n in range(count)})
        mirrors, due = Mirrors(stage.folder / "cache"), time.monotonic()
        sources = [git_source(stage.forge, path=f"t{n}") for n in range(count)]
        seconds = _cpu_seconds_of(lambda: [mirrors.fetch_snapshot(source, since=due) for source in sources])
        requested = (stage.forge.count("ls-refs"), stage.forge.count("fetch"))
    message = f"{requested[0]} listing, {requested[1]} fetch, {seconds:.1f} s of CPU"
    return [(f"G3: {count:,} syncs, one push", message, requested == (1, 1))]


def measure_webhook_push() -> list[Row]:
    """The cost of a webhook for a push that makes 700 syncs due."""
    looks = TriggerQueue()
    began = time.perf_counter()
    for number in range(_HOOKED):
        looks.request(f"s{number}", began)
    taken = len(looks.pop_due(began))
    seconds = time.perf_counter() - began
    message = f"{taken} looks wait after {seconds * 1000:.1f} ms"
    return [(f"G4: {_HOOKED} syncs woken", message, taken == _HOOKED and seconds < _ENQUEUED)]


def main(count: int = 1000) -> int:
    """Run, print, judge; the exit status."""
    rows = [*measure_quiet_poll(), *measure_shared_push(count), *measure_webhook_push(), *measure_plan(count)]
    for name, message, right in rows:
        print(f"{name:<28}{message}{'' if right else '  FAILED'}")
    return 0 if all(right for _, _, right in rows) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
