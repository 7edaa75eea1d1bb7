import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from controller.core.finding import Code
from controller.runtime.hidden_text import SecretText
from controller.source.git.errors import RetryTrigger
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Basic, SourceLimits
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

FOLLOWERS = 100


def test_a_hundred_followers_fetch_once(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 2: 100 syncs on one repository and one push are one listing and one fetch at the server."""
    repository.commit({f"team{n}/a.yaml": f"{n}" for n in range(FOLLOWERS)})
    due = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        looks = [
            pool.submit(mirrors.fetch_snapshot, git_source(forge, path=f"team{n}"), since=due)
            for n in range(FOLLOWERS)
        ]
        files = [snapshot_of(future.result()).files for future in looks]
    assert files == [((f"team{n}/a.yaml", f"{n}".encode()),) for n in range(FOLLOWERS)]
    assert (forge.count("ls-refs"), forge.count("fetch")) == (1, 1)


def test_a_push_after_the_listing_is_not_missed(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 2: an answer is shared only with those who became due before it was requested."""
    repository.commit({"a.yaml": "1"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    repository.commit({"a.yaml": "2"})
    assert snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files[0][1] == b"2"


def test_a_quiet_look_costs_one_listing(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 3: nothing new is one listing and no fetch."""
    repository.commit({"a.yaml": "1"})
    first = snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    forge.requests.clear()
    assert snapshot_of(mirrors.fetch_snapshot(git_source(forge))) is first
    assert (forge.count("ls-refs"), forge.count("fetch")) == (1, 0)


def test_a_failure_is_shared_too(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 2: a server that is down gets one request for all due sources."""
    forge.down = True
    due = time.monotonic()
    for n in range(5):
        refusal_of(mirrors.fetch_snapshot(git_source(forge, path=f"team{n}"), since=due), Code.UNREACHABLE)
    assert len(forge.requests) == 1


def test_processes_share_what_was_fetched(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Another process on the same cache fetches nothing that is there already."""
    repository.commit({"a.yaml": "1"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    snapshot_of(Mirrors(tmp_path / "cache").fetch_snapshot(git_source(forge)))
    assert forge.count("fetch") == 1


def test_another_login_sees_nothing_of_what_this_one_fetched(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """A login that the server refuses gets nothing from the cache of another login."""
    forge.user, forge.password = "reader", "right"
    repository.commit({"a.yaml": "1"})
    good = git_source(forge, login=Basic("reader", SecretText("right")))
    desired = snapshot_of(mirrors.fetch_snapshot(good)).revision
    from controller.source.git.revision_selector import RevisionForm, RevisionSelector

    for login in (Basic("reader", SecretText("wrong")), None):
        source = git_source(forge, login=login, selector=RevisionSelector(RevisionForm.COMMIT, desired))
        refusal_of(mirrors.fetch_snapshot(source), Code.LOGIN)


def test_a_look_ends_when_it_is_told_to(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """A poll of a server that hangs ends at once when it is stopped, and others may poll again."""
    repository.commit({"a.yaml": "1"})
    forge.delay, stop = 30.0, threading.Event()
    threading.Timer(0.3, stop.set).start()
    start = time.monotonic()
    assert (
        refusal_of(mirrors.fetch_snapshot(git_source(forge), stop=stop), Code.UNREACHABLE).retry_trigger
        is RetryTrigger.RETRY_SOON
    )
    assert time.monotonic() - start < 5
    forge.delay = 0.0
    snapshot_of(mirrors.fetch_snapshot(git_source(forge), since=start))


def test_a_look_has_a_time(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """A poll of a server that hangs ends at its timeout, and no process remains."""
    forge.delay = 30.0
    start = time.monotonic()
    refusal = refusal_of(
        mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(seconds=0.5))), Code.UNREACHABLE
    )
    assert "took too long" in refusal.findings[0].message
    assert time.monotonic() - start < 5
    assert not [line for line in _running_commands() if forge.url() in line]


def _running_commands() -> list[str]:
    """The commands of all processes, where they can be listed."""
    out = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            out.append(each.read_text(errors="replace"))
    return out


def test_followers_of_a_held_cache_wait_no_longer_than_they_may(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """A cache that another process holds is waited for, for a time."""
    import fcntl

    repository.commit({"a.yaml": "1"})
    source = git_source(forge, limits=SourceLimits(seconds=0.2))
    snapshot_of(mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(seconds=30))))
    folder = mirrors._mirror(source).store.folder
    with (folder / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refusal_of(mirrors.fetch_snapshot(source), Code.UNREACHABLE)
    snapshot_of(mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(seconds=30))))


def test_leftovers_of_a_killed_run_are_swept(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Keys, locks and partial packs of a killed run are removed by the next one, which continues."""
    repository.commit({"a.yaml": "1"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    folder = mirrors._mirror(git_source(forge)).store.folder
    (folder / "private-killed").mkdir()
    (folder / "private-killed" / "key").write_text("secret")
    (folder / "git" / "shallow.lock").touch()
    (folder / "git" / "objects" / "pack" / "tmp_pack_x").write_bytes(b"half")
    repository.commit({"a.yaml": "2"})
    assert snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files[0][1] == b"2"
    left = {path.name for path in folder.rglob("*")}
    assert not {"private-killed", "key", "shallow.lock", "tmp_pack_x"} & left
    assert not [name for name in left if name.startswith("private-")]
