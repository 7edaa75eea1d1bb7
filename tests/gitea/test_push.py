"""A push to a real Gitea changes the account, over https and SSH, with and without its webhook."""

import time

import pytest

from tests.gitea.sync_process import SECRET, RunningSync
from tests.gitea.work_tree import GitUser
from tests.gitops.stage import group
from tests.source.git.keys import Ssh

INTERVAL = 10.0  # polled: the shortest interval, with a jitter of a tenth
LONG = 600.0
FIRST = {"deploy/a.yaml": group("fraud")}
SECOND = {**FIRST, "deploy/b.yaml": group("churn")}


def _seconds_from_push_to_call(running_sync: RunningSync, git_user: GitUser, secret: str, what: str) -> float:
    """The seconds from a second push, right after a poll, to its AWS call; each commit gets its status."""
    first = git_user.push(FIRST)
    with running_sync.running():
        running_sync.wait_for_status(first, "success")
        if secret:
            git_user.hosted.hook(running_sync.hook_url, secret)
        second = git_user.commit(SECOND)
        running_sync.request_poll()
        began = time.monotonic()
        assert git_user.send().returncode == 0
        pushed = time.monotonic() - began
        took = running_sync.until_called(2, began)
        print(f"{what}: {took:.1f} s from push to first AWS call, {pushed:.1f} s of them the push")
        running_sync.wait_for_status(second, "success")
    assert running_sync.mutations() == ["CreateModelPackageGroup"] * 2
    return took


@pytest.mark.parametrize("over", ["https", "ssh"])
def test_a_push_with_its_webhook(over: str, running_sync: RunningSync, git_user: GitUser) -> None:
    """Rows 17 and 61: with Gitea's signed webhook a push is applied in a small part of the interval.

    Both commits get their status, and the log has no secret.
    """
    if over == "ssh":
        git_user = GitUser.over_ssh(git_user.hosted, git_user.folder)
    running_sync.write(over=over, interval=f"{LONG:.0f}s")
    assert _seconds_from_push_to_call(running_sync, git_user, SECRET, f"{over}, with its webhook") < LONG / 20
    assert len(running_sync.events("requested")) == 1
    assert SECRET not in running_sync.log_text
    assert git_user.hosted.token not in running_sync.log_text


@pytest.mark.parametrize("secret", ["", "another-secret"], ids=["no webhook", "a wrong secret"])
def test_a_push_without_its_webhook(secret: str, running_sync: RunningSync, git_user: GitUser) -> None:
    """Row 23: without a webhook, or without a valid one, polling applies a push within the interval."""
    running_sync.write(interval=f"{INTERVAL:.0f}s")
    assert (
        _seconds_from_push_to_call(running_sync, git_user, secret, f"polled, {secret or 'no webhook'}")
        > INTERVAL / 2
    )
    assert not running_sync.events("requested")


def test_a_push_of_nonsense(running_sync: RunningSync, git_user: GitUser) -> None:
    """Rows 41 and 61: the commit's status has the finding, nothing is changed, and the next valid push is applied."""
    first = git_user.push(FIRST)
    running_sync.write(interval=f"{LONG:.0f}s")
    with running_sync.running():
        running_sync.wait_for_status(first, "success")
        git_user.hosted.hook(running_sync.hook_url, SECRET)
        bad = git_user.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")})
        message = running_sync.wait_for_status(bad, "failure")
        assert running_sync.mutations() == ["CreateModelPackageGroup"]
        good = git_user.push(SECOND)
        running_sync.wait_for_status(good, "success")
    assert message.startswith("deploy/a.yaml:1:1: error SG013: spec: it is required")
    assert running_sync.mutations() == ["CreateModelPackageGroup"] * 2
    assert git_user.hosted.statuses(first)[-1][1] == "success"


def test_a_wrong_pin_is_refused(running_sync: RunningSync, git_user: GitUser) -> None:
    """Row 5: neither git nor the sync connects to an SSH server with another host key."""
    git_user.push(FIRST)
    access = git_user.hosted.access
    other = Ssh.make(git_user.folder / "other").public.split()[1]
    pin = access.known_hosts.replace(access.host_key.split()[1], other)
    foreign = GitUser(git_user.hosted, git_user.folder, git_user.hosted.ssh, pin)
    foreign.commit(SECOND)
    done = foreign.send()
    assert done.returncode
    assert "Host key verification failed" in done.stderr
    running_sync.write(over="ssh", known_hosts=pin)
    ran = running_sync.shell.run("sync", "syncs.yaml", "--once")
    assert ran.code == 1
    assert "SG053" in ran.out, ran.out
    assert running_sync.mutations() == []
    running_sync.write(over="ssh")
    assert running_sync.shell.run("sync", "syncs.yaml", "--once").code == 0
    assert running_sync.mutations() == ["CreateModelPackageGroup"]
