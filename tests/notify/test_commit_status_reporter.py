import json

import pytest

from controller.notify.commit_status_reporter import Statuses
from controller.notify.delivery import DeliveryOutcome
from controller.notify.provider import CommitState, Remote, Status
from controller.notify.repository import DIALECTS, Forge, GitProvider
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import HttpClient
from tests.notify import shapes
from tests.notify.recorded import ExpectedRequest, RecordedProvider
from tests.notify.shapes import CONTEXT, SHA, SHAPES, TOKEN, URL, ProviderFormat

EACH = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.host.value)
STATES = list(CommitState)


def status_of(state: CommitState, message: str = "") -> Status:
    return Status(SHA, CONTEXT, state, message, URL)


@EACH
def test_statuses_of_a_run_from_pending_to_its_result(
    shape: ProviderFormat, provider: RecordedProvider
) -> None:
    """Row 61: pending, success, failure and success again, each by one request with the provider's names."""
    statuses = Statuses(shape.forge(provider))
    provider.will(shape.requests(), shape.writes(CommitState.PENDING, "looking"))
    assert statuses.publish(status_of(CommitState.PENDING, "looking")).outcome is DeliveryOutcome.DONE
    for state in (CommitState.SUCCESS, CommitState.FAILURE, CommitState.SUCCESS):
        provider.will(shape.writes(state, "so"))
        assert statuses.publish(status_of(state, "so")).outcome is DeliveryOutcome.DONE


@EACH
@pytest.mark.parametrize("state", STATES)
def test_an_unchanged_status_is_not_sent_again(
    shape: ProviderFormat, state: CommitState, provider: RecordedProvider
) -> None:
    """Row 61: sent on change only; a new process reads first, and after a thousand polls nothing was sent."""
    statuses = Statuses(shape.forge(provider))
    provider.will(shape.requests(shape.states[state], "so"))
    for _ in range(1000):
        assert statuses.publish(status_of(state, "so")).outcome is DeliveryOutcome.UNCHANGED


@EACH
def test_a_result_is_not_replaced_by_pending(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """Row 61: a drift check of a commit sends no pending, which is for commits without a result."""
    statuses = Statuses(shape.forge(provider))
    provider.will(shape.requests(shape.states[CommitState.FAILURE], "so"))
    assert statuses.publish(status_of(CommitState.PENDING)).outcome is DeliveryOutcome.UNCHANGED
    provider.will(shape.writes(CommitState.SUCCESS))
    assert statuses.publish(status_of(CommitState.SUCCESS)).outcome is DeliveryOutcome.DONE
    assert statuses.publish(status_of(CommitState.PENDING)).outcome is DeliveryOutcome.UNCHANGED


def test_statuses_of_a_commit_are_limited(provider: RecordedProvider) -> None:
    """Row 61: however often a result changes, at most 500 statuses are sent for a commit, the last one with a note."""
    statuses = Statuses(shapes.GITHUB.forge(provider))
    provider.will(shapes.GITHUB.requests())
    for round_number in range(500):
        state = (CommitState.SUCCESS, CommitState.FAILURE)[round_number % 2]
        provider.will(shapes.GITHUB.writes(state))
        assert statuses.publish(status_of(state)).outcome is DeliveryOutcome.DONE
    result = statuses.publish(status_of(CommitState.SUCCESS))
    assert (result.outcome, "thousand" in result.detail) == (DeliveryOutcome.FAILED, True)


@EACH
@pytest.mark.parametrize("problem", [500, 502, 503, 504, 429])
def test_what_may_pass_is_tried_again(
    shape: ProviderFormat, problem: int, provider: RecordedProvider
) -> None:
    """429 and 5xx are retried; the next attempt reads the current status, so that nothing is sent twice."""
    statuses = Statuses(shape.forge(provider))
    provider.will(
        shape.requests(), shape.writes(CommitState.SUCCESS, status=problem, answered={"Retry-After": "7"})
    )
    result = statuses.publish(status_of(CommitState.SUCCESS))
    assert (result.outcome, result.wait) == (DeliveryOutcome.LATER, 7)
    provider.will(shape.requests(shape.states[CommitState.SUCCESS]))
    assert statuses.publish(status_of(CommitState.SUCCESS)).outcome is DeliveryOutcome.UNCHANGED


@EACH
def test_a_connection_that_breaks_after_the_request_is_not_a_second_status(
    shape: ProviderFormat, provider: RecordedProvider
) -> None:
    """If the response is lost, the next attempt finds the status and sends nothing."""
    statuses = Statuses(shape.forge(provider))
    provider.will(shape.requests(), shape.writes(CommitState.FAILURE, status=0))
    assert statuses.publish(status_of(CommitState.FAILURE)).outcome is DeliveryOutcome.LATER
    provider.will(shape.requests(shape.states[CommitState.FAILURE]))
    assert statuses.publish(status_of(CommitState.FAILURE)).outcome is DeliveryOutcome.UNCHANGED


@EACH
@pytest.mark.parametrize("refusal", [401, 403, 422])
def test_a_refusal_is_told_and_shows_no_token(
    shape: ProviderFormat, refusal: int, provider: RecordedProvider
) -> None:
    """A refusal ends the attempt; its message is the provider's, without the token even if that is repeated."""
    statuses = Statuses(shape.forge(provider))
    names = {"message": f"Bad credentials {TOKEN} \x1b[2J{'x' * 500}"}
    provider.will(shape.requests(status=refusal, answer=names))
    result = statuses.publish(status_of(CommitState.SUCCESS))
    assert result.outcome is DeliveryOutcome.FAILED
    assert result.detail.startswith(f"HTTP {refusal}: Bad credentials (sensitive) ")
    assert TOKEN not in repr(result) + repr(statuses._forge.remote)
    assert "\x1b" not in result.detail
    assert len(result.detail) < 230


def test_github_s_limits_by_403_are_limits(provider: RecordedProvider) -> None:
    """GitHub reports its limits by 403 with a time; the retry is not before that time."""
    for answered, wait in (
        ({"Retry-After": "60"}, 60.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(shapes.NOW) + 90)}, 90.0),
        ({"Retry-After": "Fri, 15 Jan 2027 08:01:40 GMT"}, 100.0),
    ):
        provider.will(shapes.GITHUB.requests(status=403, answer={"message": "rate limit"}, answered=answered))
        result = Statuses(shapes.GITHUB.forge(provider)).publish(status_of(CommitState.SUCCESS))
        assert (result.outcome, result.wait) == (DeliveryOutcome.LATER, wait)


def test_gitlab_s_refusal_of_the_same_state_is_no_failure(provider: RecordedProvider) -> None:
    """GitLab refuses to go from pending to pending: if pending is the current status, it was delivered."""
    gitlab = shapes.GITLAB
    names = {
        "message": "Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition)"
    }
    provider.will(
        gitlab.requests(),
        gitlab.writes(CommitState.PENDING, status=400, answer=names),
        gitlab.requests("pending"),
    )
    assert (
        Statuses(gitlab.forge(provider)).publish(status_of(CommitState.PENDING)).outcome
        is DeliveryOutcome.DONE
    )
    provider.will(
        gitlab.requests(),
        gitlab.writes(CommitState.PENDING, status=400, answer=names),
        gitlab.requests("running"),
    )
    assert (
        Statuses(gitlab.forge(provider)).publish(status_of(CommitState.PENDING)).outcome
        is DeliveryOutcome.FAILED
    )
    provider.will(gitlab.requests(), gitlab.writes(CommitState.PENDING, status=400, answer={"message": "no"}))
    assert (
        Statuses(gitlab.forge(provider)).publish(status_of(CommitState.PENDING)).outcome
        is DeliveryOutcome.FAILED
    )


@pytest.mark.parametrize("shape", SHAPES[3:], ids=lambda shape: shape.host.value)
def test_bitbucket_is_given_an_address_when_we_have_none(
    shape: ProviderFormat, provider: RecordedProvider
) -> None:
    """Both of Bitbucket's APIs require a URL: by default it is the commit's page."""
    provider.will(shape.requests())
    forge = shape.forge(provider)
    request = forge.dialect.write(forge.remote, Status(SHA, CONTEXT, CommitState.SUCCESS))
    assert request.body
    assert str(request.body["url"]).endswith(f"/commits/{SHA}")
    forge.request(forge.dialect.request(forge.remote, status_of(CommitState.SUCCESS)))


def test_a_long_context_is_still_its_own_key() -> None:
    """Bitbucket accepts keys of 40 characters: longer contexts are cut, and still differ."""
    remote = Remote("https://x.example", "ml/fleet", SecretText(TOKEN))
    dialect = DIALECTS[GitProvider.BITBUCKET_CLOUD]
    requests = [dialect.write(remote, Status(SHA, "c" * 60 + end, CommitState.SUCCESS)) for end in "ab"]
    keys = [str(request.body["key"]) for request in requests if request.body]
    assert [len(key) for key in keys] == [40, 40]
    assert keys[0] != keys[1]


@EACH
def test_descriptions_are_one_line_within_the_limit(shape: ProviderFormat) -> None:
    """A description has no line ends and no control characters, and is cut at the provider's limit."""
    dialect = DIALECTS[shape.host]
    description = dialect.description(status_of(CommitState.FAILURE, "a\nb\x1b[2J" + "é" * 300))
    assert description.startswith("a b [2Jé")
    assert description.endswith("…")
    assert len(description) == dialect.most_description


@pytest.mark.parametrize("url", ["http://x.example", "javascript:alert(1)", "ftp://x"])
def test_a_status_leads_to_https_only(url: str) -> None:
    """Row 61: an address that is not https is left out of a status, and a part of a commit's digest is no commit."""
    with pytest.raises(ValueError, match="https"):
        Status(SHA, CONTEXT, CommitState.SUCCESS, url=url)
    with pytest.raises(ValueError, match="full id"):
        Status(SHA[:12], CONTEXT, CommitState.SUCCESS)
    with pytest.raises(ValueError, match="context"):
        Status(SHA, "", CommitState.SUCCESS)


@pytest.mark.parametrize(
    ("repository", "token"),
    [("fleet", TOKEN), ("../x", TOKEN), ("a//b", TOKEN), ("a/b", ""), ("a/b", "x\ny")],
)
def test_a_place_that_cannot_be_is_refused(repository: str, token: str) -> None:
    """A repository with an invalid path, and a token that would break a header, are refused without being shown."""
    with pytest.raises(ValueError, match=r"repository|token") as error:
        Remote("https://x.example", repository, SecretText(token))
    assert TOKEN not in str(error.value)


def test_basic_login_is_for_users(provider: RecordedProvider) -> None:
    """Bitbucket Cloud's app passwords are sent with their user; no error has either form of them."""
    remote = Remote(provider.base, "ml/fleet", SecretText("x:y"), user="me")
    forge = Forge(GitProvider.BITBUCKET_CLOUD, remote, HttpClient(plain=frozenset({"127.0.0.1"})))
    names = {"error": {"message": "no bWU6eDp5 here"}}
    provider.will(
        ExpectedRequest(
            "GET", shapes.BITBUCKET_CLOUD.standing, 401, names, headers={"Authorization": "Basic bWU6eDp5"}
        )
    )
    result = Statuses(forge).publish(status_of(CommitState.SUCCESS))
    assert "bWU6eDp5" not in json.dumps(result.detail)


@pytest.mark.parametrize("shape", [shapes.GITHUB, shapes.GITEA], ids=lambda shape: shape.host.value)
def test_a_status_is_found_on_a_later_page(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """Row 61: among foreign statuses; Gitea returns their number in a header, and the page's in the body."""
    others = [
        {"context": f"check-{number}", "state": "success", "status": "success"} for number in range(100)
    ]
    total = {"total_count": 101} if shape is shapes.GITHUB else {"total_count": 100}
    header = {} if shape is shapes.GITHUB else {"X-Total-Count": "101"}
    first = {"statuses": others, **total}
    ours = shape.current_state(shape.states[CommitState.SUCCESS], "so")
    provider.will(
        shape.expect("GET", shape.standing, answer=first, answered=header),
        shape.expect("GET", f"{shape.standing}&page=2", answer=ours, answered=header),
    )
    assert (
        Statuses(shape.forge(provider)).publish(status_of(CommitState.SUCCESS, "so")).outcome
        is DeliveryOutcome.UNCHANGED
    )
    provider.will(
        shape.expect("GET", shape.standing, answer=first, answered=header),
        shape.expect("GET", f"{shape.standing}&page=2", answer={**first, "statuses": []}, answered=header),
        shape.writes(CommitState.SUCCESS, "so"),
    )
    assert (
        Statuses(shape.forge(provider)).publish(status_of(CommitState.SUCCESS, "so")).outcome
        is DeliveryOutcome.DONE
    )
