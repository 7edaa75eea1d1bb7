"""A pull request at a real Gitea gets the plan in one comment, and nothing is changed."""

from tests.gitea.repository import GiteaRepository
from tests.gitea.sync_process import CONTEXT, SECRET, RunningSync
from tests.gitea.work_tree import GitUser
from tests.gitops.stage import group
from tests.kubernetes.operator_process import wait_until

FIRST = {"deploy/a.yaml": group("fraud")}
SECOND = {**FIRST, "deploy/b.yaml": group("churn")}
THIRD = {**SECOND, "deploy/c.yaml": group("spend")}
PLAN = f"{CONTEXT}/plan"


def _wait_for_comment(repository: GiteaRepository, number: int, word: str) -> str:
    """The one comment, once it contains a text."""
    wait_until(lambda: any(word in text for text in repository.comments(number)))
    (text,) = repository.comments(number)
    return text


def test_a_pull_request_gets_its_plan_at_gitea(running_sync: RunningSync, git_user: GitUser) -> None:
    """Row 36: Gitea's webhook causes the plan, each push edits the one comment, and the account is not changed."""
    hosted = git_user.hosted
    first = git_user.push(FIRST)
    running_sync.write(interval="10m")
    with running_sync.running():
        running_sync.wait_for_status(first, "success")
        hosted.hook(running_sync.hook_url, SECRET)
        second = git_user.push(SECOND, branch="change")
        number = hosted.pull("change")
        text = _wait_for_comment(hosted, number, "churn")
        assert "fraud" not in text
        assert running_sync.wait_for_status(second, "success", PLAN) == "create 1"
        third = git_user.push(THIRD, branch="change")
        assert "churn" in _wait_for_comment(hosted, number, "spend")
        assert running_sync.wait_for_status(third, "success", PLAN) == "create 2"
        bad = git_user.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")}, branch="change")
        assert "SG013" in _wait_for_comment(hosted, number, "spce")
        assert running_sync.wait_for_status(bad, "failure", PLAN).startswith("deploy/a.yaml:1:1: error SG013")
    assert running_sync.mutations() == ["CreateModelPackageGroup"]
    assert [context for context, _, _ in hosted.statuses(third)] == [PLAN]
