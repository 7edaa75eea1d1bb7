"""A push to a real forge changes the account, over https and over SSH, with its webhook and without."""

import time

import pytest

from tests.gitea.followed import CONTEXT, SECRET, Followed
from tests.gitea.person import Person
from tests.kubernetes.operated import until
from tests.sync.stage import group

INTERVAL = 10.0  # the shortest that a sync takes, for the way without a webhook


@pytest.mark.parametrize("over", ["https", "ssh"])
def test_a_push_with_its_webhook(over: str, followed: Followed, person: Person) -> None:
    """Gitea's signed webhook brings a push into the account long before the interval, and the commit is told."""
    if over == "ssh":
        person = Person.over_ssh(person.hosted, person.folder)
    first = person.push({"deploy/a.yaml": group("fraud")})
    person.hosted.hook(followed.hook_url, SECRET)
    followed.write(over=over, interval="10m")
    with followed.running():
        followed.until_called(1, time.monotonic())
        until(lambda: _verdict(followed, first) == "success")
        began = time.monotonic()
        second = person.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
        pushed = time.monotonic()
        took = followed.until_called(2, pushed)
        print(f"{over}: push {pushed - began:.2f} s, from its end to the first AWS call {took:.2f} s")
        until(lambda: _verdict(followed, second) == "success")
    assert took < INTERVAL
    assert followed.events("asked")
    assert followed.mutations() == ["CreateModelPackageGroup"] * 2
    assert SECRET not in followed.told
    assert person.hosted.token not in followed.told


def _verdict(followed: Followed, revision: str) -> str:
    told = followed.hosted.statuses(revision)
    assert {context for context, _, _ in told} <= {CONTEXT}
    return told[-1][1] if told else ""
