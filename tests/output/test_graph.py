import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest

from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.plan import DependencyForm, Edge, Plan
from controller.output.graph import COLOURS, Arrow, ArrowForm, Picture, dot, mermaid, picture
from controller.output.redact import Redactor
from controller.output.svg import svg
from tests.cli.conftest import Shell
from tests.cli.trees import PIPELINE, SERVING
from tests.output import plans
from tests.output.golden_files import assert_golden
from tests.output.large_plans import large_plan

SVG = "{http://www.w3.org/2000/svg}"


def draw_plan(plan: Plan = plans.EVERYTHING, *, everything: bool = True) -> Picture:
    """The picture of a plan."""
    return picture(Redactor().plan(plan), everything=everything)


def plan_of_chain(count: int) -> Plan:
    """A plan of steps of which each needs the one before, and the last also the first."""
    ids = [f"Model/m{number}" for number in range(count)]
    edges = [Edge(user, need, DependencyForm.NAME) for need, user in pairwise(ids)]
    steps = [replace(plans.CREATE, id=each, ref=Ref.parse(each)) for each in ids]
    return replace(plans.plan(*steps), edges=(*edges, Edge(ids[-1], ids[0], DependencyForm.OUTPUT)))


def test_every_action_is_drawn() -> None:
    """The picture of a plan with every action is the golden file, in DOT and in Mermaid."""
    assert_golden(dot(draw_plan()), "every-action.dot")
    assert_golden(mermaid(draw_plan()), "every-action.mmd")
    assert set(COLOURS) == set(Action)


def test_what_changes_is_drawn_with_its_neighbours() -> None:
    """Without --all, unchanged resources without a changed neighbour are left out, and counted."""
    quiet = [replace(plans.NOOP, id=f"Model/q{n}", ref=Ref("Model", f"q{n}")) for n in range(3)]
    plan = plans.plan(plans.CREATE, *quiet)
    plan = replace(
        plan,
        edges=(
            Edge("Model/q0", "Model/fraud", DependencyForm.NAME),
            Edge("Model/q2", "Model/q1", DependencyForm.NAME),
        ),
    )
    part = draw_plan(plan, everything=False)
    assert {node.id for node in part.nodes} == {"Model/fraud", "Model/q0"}
    assert (len(part.arrows), part.left) == (1, 2)
    assert "2 more stay as they are" in dot(part)
    assert "2 more stay as they are" in mermaid(part)
    assert draw_plan(plan).left == 0


def test_what_stays_and_is_alike_is_one_box() -> None:
    """Of three unchanged neighbours or more with one kind and equal arrows one is drawn, with their number."""
    ids = [f"Model/m{number}" for number in range(4)]
    quiet = [replace(plans.NOOP, id=each, ref=Ref.parse(each)) for each in ids]
    edges = (
        Edge("Pipeline/train", each, DependencyForm.NAME if each != ids[3] else DependencyForm.ARN)
        for each in ids
    )
    plan = replace(plans.plan(plans.UPDATE, *quiet), edges=tuple(edges))
    part = draw_plan(plan, everything=False)
    assert [(node.id, node.name) for node in part.nodes] == [
        (ids[0], "3 stay as they are"),
        (ids[3], "m3"),
        ("Pipeline/train", "train"),
    ]
    assert (len(part.arrows), part.left) == (2, 2)
    assert "3 stay as they are" in dot(part)
    two = replace(plan, steps=plan.steps[:3], edges=plan.edges[:2])
    assert len(draw_plan(two, everything=False).nodes) == 3


def test_an_arrow_leads_from_what_is_needed() -> None:
    """Arrows lead in the order of work, and each form of link has its own line."""
    arrows = {(arrow.start, arrow.end): arrow.form for arrow in draw_plan().arrows}
    assert arrows["EndpointConfig/fraud", "Endpoint/fraud"] is ArrowForm.NAME
    assert arrows["Workforce/crowd", "Workteam/reviewers"] is ArrowForm.IMPLIED
    assert arrows["EndpointConfig/fraud@fraud-ab12", "EndpointConfig/fraud"] is ArrowForm.OLD


def test_the_svg_stands_alone() -> None:
    """The SVG is well-formed, holds every resource and arrow with its meaning, and nothing that loads or runs."""
    for of in (draw_plan(), draw_plan(large_plan(100, changed=1)), draw_plan(large_plan(100))):
        root = ET.fromstring(svg(of))  # noqa: S314 - our own text
        ways = [each for each in root.iterfind(f"{SVG}path") if "marker-end" in each.attrib]
        titles = "\n".join(each.findtext(f"{SVG}title") or "" for each in ways).split("\n")
        boxes = [each for each in root.iterfind(f"{SVG}g") if each.attrib["class"].startswith("node ")]
        assert len(boxes) == len(of.nodes)
        assert len(titles) == len(of.arrows)
        assert all(" needs " in title or " is an old generation of " in title for title in titles)
        assert not re.search(r"<script|<image|<foreignObject|href=|@import|url\(http", svg(of))


def test_the_legend_explains_every_line_and_border() -> None:
    """Each form of an arrow is in the legend by what it means; a repeated box only where there is one."""
    large, small = (
        svg(draw_plan(large_plan(100, changed=8), everything=False)),
        svg(draw_plan(large_plan(20))),
    )
    for text in ("refers by name", "refers by ARN", "refers by id", "uses an output"):
        assert f">{text}</text>" in large
    assert ">drawn elsewhere as well</text>" in svg(draw_plan(large_plan(100)))
    assert ">drawn elsewhere as well</text>" not in small


def test_a_knot_is_drawn_too() -> None:
    """Arrows in a circle do not stop the drawing."""
    nodes = draw_plan(plan_of_chain(3)).nodes
    arrows = (Arrow("Model/m0", "Model/m1", ArrowForm.NAME), Arrow("Model/m1", "Model/m0", ArrowForm.NAME))
    assert svg(Picture(nodes, arrows)).count('<g class="node ') == 3


@pytest.mark.parametrize("name", ['a"b', "<b>", "a&b", "a\\nb", "x -- y", "a\x1b[2J", "]]>"])
def test_no_name_gets_out_of_its_place(name: str) -> None:
    """Whatever a name holds, it stays a label."""
    step = replace(plans.CREATE, id=f"Model/{name}", ref=Ref("Model", name))
    of = draw_plan(replace(plans.plan(step), edges=()))
    assert ET.fromstring(svg(of)) is not None  # noqa: S314 - our own text
    assert len(dot(of).splitlines()) == 5
    assert re.search(r'^  n0\["[\w (#;+)./-]*<br/>[\w #;./()-]*"\]:::create$', mermaid(of), re.MULTILINE)
    assert "\x1b" not in svg(of) + mermaid(of)


def test_the_command_draws_the_plan(local_shell: Shell) -> None:
    """``graph`` draws the changes, everything with --all, and reports when nothing changes."""
    local_shell.write("ml/serving.yaml", SERVING)
    local_shell.write("ml/pipeline.yaml", PIPELINE)
    local_shell.run("apply", "ml/pipeline.yaml", "--yes")
    part = local_shell.run("graph", "ml")
    assert part.code == 0
    assert part.out.count("[label=") - part.out.count("->") == 3
    assert "Pipeline/train" not in part.out
    assert "Pipeline/train" in local_shell.run("graph", "ml", "--all", "--format", "dot").out
    nothing = local_shell.run("graph", "ml/pipeline.yaml", "--format", "svg")
    assert (nothing.code, nothing.out.startswith("<svg")) == (0, True)
    assert "--all draws" in nothing.err
