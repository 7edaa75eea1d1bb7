"""A push to a real forge changes the account, over https and over SSH, with its webhook and without."""

import time

import pytest

from tests.git.keys import Ssh
from tests.gitea.followed import SECRET, Followed
from tests.gitea.person import Person
from tests.sync.stage import group

INTERVAL = 10.0  # the shortest that a sync takes
LONG = 600.0
FIRST = {"deploy/a.yaml": group("fraud")}
SECOND = {**FIRST, "deploy/b.yaml": group("churn")}


def _measured(followed: Followed, person: Person, secret: str, what: str) -> float:
    """The seconds from the end of a second push to its AWS call; each commit is told how it fared."""
    first = person.push(FIRST)
    with followed.running():
        followed.until_told(first, "success")
        if secret:
            person.hosted.hook(followed.hook_url, secret)
        began = time.monotonic()
        second = person.push(SECOND)
        pushed = time.monotonic()
        took = followed.until_called(2, pushed)
        print(f"{what}: push {pushed - began:.1f} s, from its end to the first AWS call {took:.1f} s")
        followed.until_told(second, "success")
    assert followed.mutations() == ["CreateModelPackageGroup"] * 2
    return took


@pytest.mark.parametrize("over", ["https", "ssh"])
def test_a_push_with_its_webhook(over: str, followed: Followed, person: Person) -> None:
    """Gitea's signed webhook brings a push into the account in a small part of the interval; nothing shows a secret."""
    if over == "ssh":
        person = Person.over_ssh(person.hosted, person.folder)
    followed.write(over=over, interval=f"{LONG:.0f}s")
    assert _measured(followed, person, SECRET, f"{over}, with its webhook") < LONG / 20
    assert len(followed.events("asked")) == 1
    assert SECRET not in followed.told
    assert person.hosted.token not in followed.told


@pytest.mark.parametrize("secret", ["", "another-secret"], ids=["no webhook", "a wrong secret"])
def test_a_push_without_its_webhook(secret: str, followed: Followed, person: Person) -> None:
    """Polling brings a push into the account within the interval, where there is no webhook or none that is proved."""
    followed.write(interval=f"{INTERVAL:.0f}s")
    _measured(followed, person, secret, f"polled, {secret or 'no webhook'}")
    assert not followed.events("asked")


def test_a_push_of_nonsense(followed: Followed, person: Person) -> None:
    """The commit is told the finding, the account stays as it was, and the next good push goes on from there."""
    first = person.push(FIRST)
    person.hosted.hook(followed.hook_url, SECRET)
    followed.write(interval=f"{LONG:.0f}s")
    with followed.running():
        followed.until_told(first, "success")
        bad = person.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")})
        followed.until_told(bad, "failure")
        assert followed.mutations() == ["CreateModelPackageGroup"]
        good = person.push(SECOND)
        followed.until_told(good, "success")
    (said,) = {why for _, state, why in person.hosted.statuses(bad) if state == "failure"}
    assert said.startswith("deploy/a.yaml:1:1: error SG013: spec: it is required")
    assert followed.mutations() == ["CreateModelPackageGroup"] * 2
    assert person.hosted.statuses(first)[-1][1] == "success"


def test_a_wrong_pin_is_refused(followed: Followed, person: Person) -> None:
    """Neither git nor the sync speaks to an SSH server that has another key than the one pinned."""
    person.push(FIRST)
    access = person.hosted.access
    other = Ssh.make(person.folder / "other").public.split()[1]
    pin = access.known_hosts.replace(access.host_key.split()[1], other)
    stranger = Person(person.hosted, person.folder, person.hosted.ssh, pin)
    stranger.commit(SECOND)
    done = stranger.send()
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
