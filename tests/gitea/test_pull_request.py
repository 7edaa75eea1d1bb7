"""A pull request at a real Gitea gets the plan in one comment, and nothing is changed."""

from tests.gitea.repository import Hosted
from tests.gitea.sync_process import CONTEXT, SECRET, Followed
from tests.gitea.work_tree import Person
from tests.gitops.stage import group
from tests.kubernetes.operator_process import wait_until

FIRST = {"deploy/a.yaml": group("fraud")}
SECOND = {**FIRST, "deploy/b.yaml": group("churn")}
THIRD = {**SECOND, "deploy/c.yaml": group("spend")}
PLAN = f"{CONTEXT}/plan"


def _wait_for_comment(hosted: Hosted, number: int, word: str) -> str:
    """The one comment, once it contains a text."""
    wait_until(lambda: any(word in text for text in hosted.comments(number)))
    (text,) = hosted.comments(number)
    return text


def test_a_pull_request_gets_its_plan_at_gitea(followed: Followed, person: Person) -> None:
    """Row 36: Gitea's webhook causes the plan, each push edits the one comment, and the account is not changed."""
    hosted = person.hosted
    first = person.push(FIRST)
    followed.write(interval="10m")
    with followed.running():
        followed.wait_for_status(first, "success")
        hosted.hook(followed.hook_url, SECRET)
        second = person.push(SECOND, branch="change")
        number = hosted.pull("change")
        text = _wait_for_comment(hosted, number, "churn")
        assert "fraud" not in text
        assert followed.wait_for_status(second, "success", PLAN) == "create 1"
        third = person.push(THIRD, branch="change")
        assert "churn" in _wait_for_comment(hosted, number, "spend")
        assert followed.wait_for_status(third, "success", PLAN) == "create 2"
        bad = person.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")}, branch="change")
        assert "SG013" in _wait_for_comment(hosted, number, "spce")
        assert followed.wait_for_status(bad, "failure", PLAN).startswith("deploy/a.yaml:1:1: error SG013")
    assert followed.mutations() == ["CreateModelPackageGroup"]
    assert [context for context, _, _ in hosted.statuses(third)] == [PLAN]
