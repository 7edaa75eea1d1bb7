import pytest

from controller.notify.comments import comment_text, fit_comment, marker, upsert
from controller.notify.delivery import DeliveryOutcome
from controller.notify.repository import DIALECTS, GitProvider
from controller.output.redact import Redactor
from tests.cli.trees import CANARY
from tests.notify.recorded import RecordedProvider
from tests.notify.shapes import BITBUCKET_DATACENTER, GITHUB, SHAPES, TOKEN, ProviderFormat
from tests.output.plans import EVERYTHING

EACH = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.host.value)
MARK = marker("fleet", "key")
OURS = f"a plan\n<!-- {MARK} -->"
REVISION = "main@sha1:e10dae226959c2194f2b07b077c07762d93821cf"


@EACH
def test_the_first_plan_makes_a_comment(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """Row 36: without an own comment one is created."""
    provider.will(
        shape.lists([(11, "looks good"), (12, "<!-- sagemaker-gitops plan -->")]), shape.makes(OURS)
    )
    assert upsert(shape.forge(provider), 7, MARK, OURS).outcome is DeliveryOutcome.DONE


@EACH
def test_the_next_plan_edits_the_same_comment(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """Row 36: a second push edits the own comment; the same plan again changes nothing."""
    provider.will(shape.lists([(11, "hm"), (12, OURS)]), shape.edits(12, f"{OURS} new"))
    assert upsert(shape.forge(provider), 7, MARK, f"{OURS} new").outcome is DeliveryOutcome.DONE
    provider.will(shape.lists([(12, OURS.replace("\n", "\r\n") + "\n")]))
    assert upsert(shape.forge(provider), 7, MARK, OURS).outcome is DeliveryOutcome.UNCHANGED


@pytest.mark.parametrize(
    "shape", [each for each in SHAPES if len(each.pages) > 1], ids=lambda shape: shape.host.value
)
def test_a_comment_is_found_on_a_later_page(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """Row 36: the own comment is found on a later page too, and no second one is created."""
    first, second = shape.pages
    many = [(number, "talk") for number in range(100, 150)]
    provider.will(
        shape.lists(many, first, second), shape.lists([(200, OURS)], second), shape.edits(200, "new")
    )
    assert upsert(shape.forge(provider), 7, MARK, "new").outcome is DeliveryOutcome.DONE


@EACH
def test_a_copy_of_our_line_does_not_take_its_place(
    shape: ProviderFormat, provider: RecordedProvider
) -> None:
    """A later comment with a copy of the hidden line is not edited: the oldest is the own one."""
    provider.will(shape.lists([(12, OURS), (13, f"I quote {OURS}")]), shape.edits(12, "new"))
    assert upsert(shape.forge(provider), 7, MARK, "new").outcome is DeliveryOutcome.DONE
    assert marker("fleet", "key") != marker("fleet", "other key") != marker("other", "other key")


@EACH
@pytest.mark.parametrize("problem", [0, 429, 502])
def test_a_comment_that_was_never_confirmed_is_not_made_twice(
    shape: ProviderFormat, problem: int, provider: RecordedProvider
) -> None:
    """After a lost response the search is repeated: the comment exists, and stays the only one."""
    provider.will(shape.lists([]), shape.makes(OURS, status=problem))
    assert upsert(shape.forge(provider), 7, MARK, OURS).outcome is DeliveryOutcome.LATER
    provider.will(shape.lists([(12, OURS)]))
    assert upsert(shape.forge(provider), 7, MARK, OURS).outcome is DeliveryOutcome.UNCHANGED


def test_an_edit_that_came_too_late_is_tried_again(provider: RecordedProvider) -> None:
    """Bitbucket Data Center refuses an old version by 409; the next attempt sends the newest."""
    shape = BITBUCKET_DATACENTER
    provider.will(shape.lists([(12, OURS)]), shape.edits(12, "new", status=409))
    assert upsert(shape.forge(provider), 7, MARK, "new").outcome is DeliveryOutcome.LATER


def test_a_search_that_does_not_end_makes_nothing(provider: RecordedProvider) -> None:
    """With more than a thousand comments the own one may be unread: none is created, and the reason is reported."""
    comments = [(number, "talk") for number in range(50)]
    provider.will(*(GITHUB.lists(comments, page) for page in range(1, 21)))
    result = upsert(GITHUB.forge(provider), 7, MARK, OURS)
    assert (result.outcome, "more comments" in result.detail) == (DeliveryOutcome.FAILED, True)


@EACH
def test_a_list_that_cannot_be_read_makes_nothing(shape: ProviderFormat, provider: RecordedProvider) -> None:
    """A refusal of the list ends there: an unread list is not an empty one."""
    provider.will(shape.lists([], status=403, answer={"message": TOKEN}))
    result = upsert(shape.forge(provider), 7, MARK, OURS)
    assert result.outcome is DeliveryOutcome.FAILED
    assert TOKEN not in result.detail


@EACH
@pytest.mark.parametrize("answer", [None, "x", {"message": "odd"}, {"values": 7}])
def test_a_list_of_another_shape_makes_nothing(
    shape: ProviderFormat, answer: object, provider: RecordedProvider
) -> None:
    """A page that is no list (a proxy's, say) is not an empty list: no second comment is created."""
    provider.will(shape.lists([], answer=answer))
    assert upsert(shape.forge(provider), 7, MARK, OURS).outcome is DeliveryOutcome.LATER


@pytest.mark.parametrize("host", GitProvider, ids=lambda host: host.value)
def test_a_plan_becomes_a_comment_without_secrets(host: GitProvider) -> None:
    """Row 34: a plan with a secret at every sensitive path gives a comment without it, but with the hidden line."""
    text = comment_text(EVERYTHING, Redactor(), revision=REVISION, mark=MARK, of=DIALECTS[host])
    assert CANARY not in text
    assert text.startswith("### Plan of `default` at `main@sha1:")
    assert "\n  + Model/fraud" in text
    assert text.rstrip().endswith(
        f"<!-- {MARK} -->" if "bitbucket" not in host.value else f"[//]: # ({MARK})"
    )
    assert "left out" not in text


@pytest.mark.parametrize("most", [65_536, 32_768, 1_000_000])
def test_a_long_plan_is_cut_with_a_count(most: int) -> None:
    """Row 36: a plan beyond the provider's limit is cut at the end of a line, with a count of the rest."""
    lines = [f"  + Model/é{number} " + "x" * 90 for number in range(12_000)]
    text = fit_comment("### Plan", lines, f"<!-- {MARK} -->", most)
    assert most - 300 < len(text.encode()) <= most
    kept = text.count("\n  + Model/")
    assert f"\n{12_000 - kept} of 12000 lines are left out" in text
    assert text.count("```") == 2
    assert MARK in text


def test_a_plan_that_just_fits_is_whole() -> None:
    """At the limit nothing is cut; one byte below, the last line is."""
    whole = fit_comment("t", ["a", "b" * 500], "m", 10**6)
    size = len(whole.encode())
    assert fit_comment("t", ["a", "b" * 500], "m", size) == whole
    assert "1 of 2 lines" in fit_comment("t", ["a", "b" * 500], "m", size - 1)


def test_nothing_in_a_plan_escapes_its_fence() -> None:
    """Backticks in a value make a longer fence; a foreign name stays code: no mention, link or HTML."""
    text = fit_comment("t", ["x", "```", "`````", "@everyone <img src=x>"], "m", 10**6)
    assert text.count("``````text\n") == 1
    assert text.index("``````text") < text.index("@everyone") < text.rindex("``````")
    plan = EVERYTHING.__class__(**{**vars(EVERYTHING), "set": "`@all\n<b>"})
    message = comment_text(plan, Redactor(), revision="x", mark="m", of=DIALECTS[GitProvider.GITHUB])
    assert message.split("\n")[0] == "### Plan of `'@all <b>` at `x`"
