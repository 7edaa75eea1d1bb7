import re
from dataclasses import replace

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Change, Plan, Step
from controller.output.markdown import LIMIT, plan_markdown
from controller.output.redact import Redactor
from tests.cli.trees import CANARY
from tests.output import plans
from tests.output.golden_files import assert_golden


def markdown_of(plan: Plan = plans.EVERYTHING) -> str:
    """The plan as markdown."""
    return plan_markdown(Redactor().plan(plan), "1.2.3")


def test_every_action_has_its_block() -> None:
    """A plan with every action reads as the golden file does: what matters first, and a folded block for each step."""
    assert_golden(markdown_of(), "every-action.md")
    assert markdown_of().count("<details>") == markdown_of().count("</details>") == len(plans.SHOWN_STEPS)


def test_signs_stand_where_the_forge_colours_them() -> None:
    """In the folded blocks, an added or removed line begins with + or -."""
    lines = markdown_of().splitlines()
    assert any(re.match(r"\+ +executionRoleArn:", line) for line in lines)
    assert any(re.match(r"- +endpointConfigName:", line) for line in lines)


def test_a_huge_plan_fits_into_a_comment() -> None:
    """Whatever the plan, the text is shorter than a comment may be, and counts what was cut."""
    many = tuple(
        replace(plans.UPDATE, id=f"Pipeline/p{number}", ref=Ref("Pipeline", f"p{number}"))
        for number in range(600)
    )
    text = markdown_of(
        plans.plan(*many, *(replace(plans.PRUNE, id=f"Endpoint/e{number}") for number in range(50)))
    )
    assert len(text) < LIMIT
    shown = text.count("<details>")
    assert f"**{650 - shown} more steps do not fit here**" in text
    assert "50 to delete" in text
    assert text.rstrip().endswith("</sub>")


def test_one_huge_step_does_not_push_out_the_others() -> None:
    """A step with a body that is too long is cut by itself, and counts its lines."""
    body = {f"key{number}": "x" * 50 for number in range(2000)}
    change = Change(("PipelineDefinition", "Steps"), None, [body])
    text = markdown_of(plans.plan(replace(plans.UPDATE, changes=(change,)), plans.PRUNE))
    assert "more lines of this step were cut" in text
    assert "Endpoint/old" in text


def test_brakes_and_blocks_never_fill_the_comment() -> None:
    """Even a thousand blocked steps leave a comment that can be posted."""
    many = tuple(
        replace(plans.BLOCKED, id=f"Endpoint/{'n' * 60}{number}", detail="y" * 500) for number in range(1000)
    )
    assert len(markdown_of(plans.plan(*many))) < LIMIT


def test_no_value_gets_out_of_its_block() -> None:
    """Backticks, tags and mentions in values stay text."""
    hostile = "```\n</details><script>@everyone"
    step = Step(
        "Pipeline/x",
        Ref("Pipeline", "x"),
        Action.BLOCKED,
        Reason.FAILED,
        "x",
        detail=f"{hostile} ````` *bold*",
    )
    update = replace(plans.UPDATE, changes=(Change(("PipelineDescription",), "a\nb", f"a\n{hostile}"),))
    text = markdown_of(plans.plan(step, update))
    outside = re.sub(r"(?ms)^(`{3,})diff\n.*?^\1$", "", text)
    assert "<script>" not in outside
    assert "@everyone" not in outside
    assert outside.count("<details>") == outside.count("</details>") == 2


def test_the_canary_is_not_in_it() -> None:
    """A sensitive value is not shown."""
    assert CANARY not in markdown_of()


def test_nothing_to_do_is_one_line() -> None:
    """A plan without changes is one line, without a block."""
    text = markdown_of(plans.plan(plans.NOOP))
    assert text.startswith("### sagectl: No changes.")
    assert "<details>" not in text
