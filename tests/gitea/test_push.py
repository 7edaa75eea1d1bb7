"""A push to a real Gitea changes the account, over https and SSH, with and without its webhook."""

import time

import pytest

from tests.gitea.sync_process import SECRET, Followed
from tests.gitea.work_tree import Person
from tests.gitops.stage import group
from tests.source.git.keys import Ssh

INTERVAL = 10.0  # polled: the shortest interval, with a jitter of a tenth
LONG = 600.0
FIRST = {"deploy/a.yaml": group("fraud")}
SECOND = {**FIRST, "deploy/b.yaml": group("churn")}


def _seconds_from_push_to_call(followed: Followed, person: Person, secret: str, what: str) -> float:
    """The seconds from a second push, right after a poll, to its AWS call; each commit gets its status."""
    first = person.push(FIRST)
    with followed.running():
        followed.wait_for_status(first, "success")
        if secret:
            person.hosted.hook(followed.hook_url, secret)
        second = person.commit(SECOND)
        followed.request_poll()
        began = time.monotonic()
        assert person.send().returncode == 0
        pushed = time.monotonic() - began
        took = followed.until_called(2, began)
        print(f"{what}: {took:.1f} s from push to first AWS call, {pushed:.1f} s of them the push")
        followed.wait_for_status(second, "success")
    assert followed.mutations() == ["CreateModelPackageGroup"] * 2
    return took


@pytest.mark.parametrize("over", ["https", "ssh"])
def test_a_push_with_its_webhook(over: str, followed: Followed, person: Person) -> None:
    """Rows 17 and 61: with Gitea's signed webhook a push is applied in a small part of the interval.

    The commit is told so, and nothing shows a secret.
    """
    if over == "ssh":
        person = Person.over_ssh(person.hosted, person.folder)
    followed.write(over=over, interval=f"{LONG:.0f}s")
    assert _seconds_from_push_to_call(followed, person, SECRET, f"{over}, with its webhook") < LONG / 20
    assert len(followed.events("requested")) == 1
    assert SECRET not in followed.log_text
    assert person.hosted.token not in followed.log_text


@pytest.mark.parametrize("secret", ["", "another-secret"], ids=["no webhook", "a wrong secret"])
def test_a_push_without_its_webhook(secret: str, followed: Followed, person: Person) -> None:
    """Row 23: without a webhook, or without a valid one, polling applies a push within the interval."""
    followed.write(interval=f"{INTERVAL:.0f}s")
    assert (
        _seconds_from_push_to_call(followed, person, secret, f"polled, {secret or 'no webhook'}")
        > INTERVAL / 2
    )
    assert not followed.events("requested")


def test_a_push_of_nonsense(followed: Followed, person: Person) -> None:
    """Rows 41 and 61: the commit's status has the finding, nothing is changed, and the next valid push is applied."""
    first = person.push(FIRST)
    followed.write(interval=f"{LONG:.0f}s")
    with followed.running():
        followed.wait_for_status(first, "success")
        person.hosted.hook(followed.hook_url, SECRET)
        bad = person.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")})
        message = followed.wait_for_status(bad, "failure")
        assert followed.mutations() == ["CreateModelPackageGroup"]
        good = person.push(SECOND)
        followed.wait_for_status(good, "success")
    assert message.startswith("deploy/a.yaml:1:1: error SG013: spec: it is required")
    assert followed.mutations() == ["CreateModelPackageGroup"] * 2
    assert person.hosted.statuses(first)[-1][1] == "success"


def test_a_wrong_pin_is_refused(followed: Followed, person: Person) -> None:
    """Row 5: neither git nor the sync connects to an SSH server with another host key."""
    person.push(FIRST)
    access = person.hosted.access
    other = Ssh.make(person.folder / "other").public.split()[1]
    pin = access.known_hosts.replace(access.host_key.split()[1], other)
    foreign = Person(person.hosted, person.folder, person.hosted.ssh, pin)
    foreign.commit(SECOND)
    done = foreign.send()
    assert done.returncode
    assert "Host key verification failed" in done.stderr
    followed.write(over="ssh", known_hosts=pin)
    ran = followed.shell.run("sync", "syncs.yaml", "--once")
    assert ran.code == 1
    assert "SG053" in ran.out, ran.out
    assert followed.mutations() == []
    followed.write(over="ssh")
    assert followed.shell.run("sync", "syncs.yaml", "--once").code == 0
    assert followed.mutations() == ["CreateModelPackageGroup"]
