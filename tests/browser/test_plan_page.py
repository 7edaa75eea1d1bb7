"""The page of a plan in a real browser: what a reader sees, clicks and types."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.engine.plan import DependencyForm, Edge, Plan
from controller.output.html.plan_page import plan_page
from controller.output.redact import Redactor
from tests.browser.tab import Tab
from tests.output import plans
from tests.output.large_plans import large_plan

HOSTILE = "</pre><img src=http://127.0.0.1:9/x onerror='stolen=1'><script>stolen=1</script>"
VISIBLE = "[...document.querySelectorAll('details.entry:not([hidden])')].map(each => each.id)"
OPEN = "[...document.querySelectorAll('details.entry[open]')].map(each => each.id)"
FADED = "document.querySelectorAll('.canvas:not([hidden]) a.faded').length"

Tabs = Callable[..., Tab]


def page(folder: Path, plan: Plan = plans.EVERYTHING) -> Path:
    """The page of a plan as a file."""
    file = folder / "plan.html"
    file.write_text(plan_page(Redactor().plan(plan), "1.2.3"), encoding="utf-8")
    return file


def large(count: int) -> Plan:
    """A plan of four times as many resources, of which three quarters change."""
    steps, edges = [], []
    for number in range(count):
        several = [
            replace(base, id=f"{base.ref.kind}/{name}", ref=Ref(base.ref.kind, name), name=name)
            for base in (plans.CREATE, plans.UPDATE, plans.PRUNE, plans.NOOP)
            for name in [f"x{number}-{base.action.name.lower()}"]
        ]
        steps += several
        edges.append(Edge(several[1].id, several[0].id, DependencyForm.NAME))
    return replace(plans.plan(*steps), edges=tuple(edges))


@pytest.fixture
def opened_page(tab: Tabs, tmp_path: Path) -> Tab:
    """The page of a plan with every action."""
    return tab().open(page(tmp_path))


def test_the_page_is_quiet_and_asks_nobody(opened_page: Tab) -> None:
    """While it is opened, searched and clicked, it makes no further request, and the console stays empty."""
    for selector in ("#open", "button.chip.create", "#whole", "[data-zoom=in]", "[data-zoom=fit]"):
        opened_page.click(selector)
    assert opened_page.problems() == []
    assert [url.rpartition("/")[2] for url in opened_page.requests()] == ["plan.html"]


def test_a_box_leads_to_its_change(opened_page: Tab) -> None:
    """A click on a resource of the graph opens its change, marks the box, and moves the focus there."""
    assert opened_page.get(OPEN) == []
    location = opened_page.get(
        "document.querySelector('.canvas a .delete').closest('a').getAttribute('href')"
    )
    opened_page.click(f".canvas a[href='{location}'] .box")
    assert opened_page.get(OPEN) == [location[1:]]
    assert opened_page.get("document.activeElement.parentElement.id") == location[1:]
    assert opened_page.get("document.querySelectorAll('.canvas a.here').length") >= 1


def test_a_hidden_change_comes_back_when_it_is_asked_for(opened_page: Tab) -> None:
    """A click on a box whose change is filtered out removes the filter."""
    opened_page.click("#search")
    opened_page.write("nothing holds this")
    assert opened_page.get(VISIBLE) == []
    opened_page.click(".canvas a .create .box, .canvas a .create")
    assert len(opened_page.get(VISIBLE)) == len(plans.SHOWN_STEPS)
    assert opened_page.get("document.querySelector('#search').value") == ""


def test_search_narrows_the_changes_and_the_graph(opened_page: Tab) -> None:
    """The search covers all texts of a change, open or not; other nodes of the graph fade."""
    opened_page.click("#search")
    opened_page.write("maxparallel PIPELINE")
    found = opened_page.get(VISIBLE)
    assert len(found) == 1
    assert "maxParallelExecutionSteps" in opened_page.get(
        f"document.getElementById('{found[0]}').textContent"
    )
    assert opened_page.get("document.querySelector('#shown').value") == f"1 of {len(plans.SHOWN_STEPS)} shown"
    assert opened_page.get(FADED) > 0
    opened_page.press("Escape")
    assert opened_page.get(VISIBLE) == [f"c{number}" for number in range(1, len(plans.SHOWN_STEPS) + 1)]
    assert opened_page.get(FADED) == 0


def test_actions_and_kinds_narrow_too(opened_page: Tab) -> None:
    """Chips select one or several actions; the list of kinds selects one."""
    opened_page.click("button.chip.create")
    signs = (
        "[...document.querySelectorAll('details.entry:not([hidden]) .sign')].map(each => each.textContent)"
    )
    assert set(opened_page.get(signs)) == {"+"}
    opened_page.click("button.chip.delete")
    assert set(opened_page.get(signs)) == {"+", "-"}
    opened_page.get(
        "(() => { const kind = document.querySelector('#kind'); kind.value = 'Endpoint';"
        "kind.dispatchEvent(new Event('change')) })()"
    )
    kinds = "[...document.querySelectorAll('details.entry:not([hidden])')].map(each => each.dataset.kind)"
    assert set(opened_page.get(kinds)) == {"Endpoint"}
    assert set(opened_page.get(signs)) == {"-"}


def test_all_of_the_graph_is_a_switch_away(opened_page: Tab) -> None:
    """The graph shows the changes at first; a switch shows all resources, and the changes again."""
    boxes = "document.querySelectorAll('.canvas:not([hidden]) .node').length"
    part = opened_page.get(boxes)
    opened_page.click("#whole")
    assert opened_page.get(boxes) == part + 1
    opened_page.click("#whole")
    assert opened_page.get(boxes) == part


def test_the_keyboard_is_enough(opened_page: Tab) -> None:
    """A slash searches, arrows go from change to change, Enter opens one, and Tab reaches the boxes."""
    opened_page.press("/")
    assert opened_page.get("document.activeElement.id") == "search"
    opened_page.press("ArrowDown")
    opened_page.press("ArrowDown")
    opened_page.press("Enter")
    assert opened_page.get(OPEN) == ["c2"]
    opened_page.press("ArrowUp")
    opened_page.press("ArrowUp")
    assert opened_page.get("document.activeElement.id") == "search"
    opened_page.get("document.querySelector('[data-zoom=fit]').focus()")
    opened_page.press("Tab")  # the frame of the drawing, which arrows scroll
    opened_page.press("Tab")
    opened_page.press("Enter")
    assert len(opened_page.get(OPEN)) == 2


def test_the_graph_is_walked_by_arrow_keys(tab: Tabs, tmp_path: Path) -> None:
    """Tab reaches one box of the graph; arrow keys move between boxes, and the links of the current one are marked."""
    seen = tab().open(page(tmp_path, large_plan(100, changed=1)))
    assert seen.get("document.querySelectorAll('.canvas a[tabindex=\"0\"]').length") == 1
    seen.get("document.querySelector('.canvas a').focus()")
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown"):
        seen.press(key)
        walked.append(seen.get("document.activeElement.getAttribute('aria-label')"))
    assert [each.split(":")[0] for each in walked] == [
        "+ ModelPackage team-00-fraud",
        "+/- Model team-00-fraud",
        "+ ModelPackage team-00-fraud",
        "~ Pipeline team-00-fraud-train",
    ]
    assert walked[1].endswith("; needs ModelPackage/team-00-fraud")
    titles = "[...document.querySelectorAll('.canvas .lit title')].map(each => each.textContent)"
    assert sorted(seen.get(titles)) == [
        "Pipeline/team-00-fraud-train needs Image/training (ARN)",
        "Pipeline/team-00-fraud-train needs ModelPackageGroup/team-00-fraud (name)",
    ]
    corner = seen.get(
        "(({x, y}) => [x + 3, y + 3])(document.querySelector('.canvas').getBoundingClientRect())"
    )
    seen.call("Input.dispatchMouseEvent", type="mouseMoved", x=corner[0], y=corner[1])
    assert len(seen.get(titles)) == 2
    seen.get("document.activeElement.blur()")
    assert seen.get(titles) == []
    assert seen.problems() == []


def test_a_found_box_is_in_sight(tab: Tabs, tmp_path: Path) -> None:
    """A search scrolls the graph of five hundred resources to the first that matches."""
    seen = tab().open(page(tmp_path, large_plan(500, changed=1)))
    seen.click("#search")
    seen.write("team-20-fraud-person-1")
    top, low, above, below = seen.get(
        "(() => { const link = document.querySelector('.canvas a:not(.faded)').getBoundingClientRect();"
        "const frame = document.querySelector('.canvas').getBoundingClientRect();"
        "return [frame.top, frame.bottom, link.top, link.bottom] })()"
    )
    assert top <= above < below <= low
    shown = "[...document.querySelectorAll('.canvas .way[data-ends]:not(.faded) title')].map(each => each.textContent)"
    assert all("team-20-fraud-person-1" in title for title in seen.get(shown))
    assert len(seen.get(shown)) == 3


def test_what_a_document_holds_does_nothing(tab: Tabs, tmp_path: Path) -> None:
    """Markup and script in names, values, reasons and tags stay text."""
    step = replace(
        plans.CREATE,
        id=f"Model/{HOSTILE}",
        ref=Ref("Model", HOSTILE),
        arn=HOSTILE,
        detail=HOSTILE,
        notes=(HOSTILE, f"? {HOSTILE}"),
        after={"ModelName": HOSTILE, "PrimaryContainer": {"Environment": {HOSTILE: HOSTILE}}},
        tags_after={HOSTILE: HOSTILE},
    )
    plan = replace(plans.plan(step), set=HOSTILE, along={HOSTILE: HOSTILE})
    seen = tab().open(page(tmp_path, plan))
    seen.click("#open")
    assert seen.get("typeof stolen") == "undefined"
    assert seen.get("document.images.length + document.querySelectorAll('script').length") == 1
    assert seen.problems() == []
    assert len(seen.requests()) == 1
    assert seen.get("document.querySelector('.what').textContent").startswith(f"Model/{HOSTILE}")


def test_the_policy_of_the_page_stops_what_is_not_its_own(tab: Tabs, tmp_path: Path) -> None:
    """The page's content security policy stops unescaped scripts and external resources."""
    file = page(tmp_path)
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("<main>", f"<main>{HOSTILE}<p style='display:none' id=styled>"), encoding="utf-8"
    )
    seen = tab().open(file)
    assert seen.get("typeof stolen") == "undefined"
    assert seen.get("getComputedStyle(document.querySelector('#styled')).display") == "block"
    assert "Content Security Policy" in str(seen.problems())
    assert seen.get("document.documentElement.className") == "js"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1200])
def test_it_fits_the_window(tab: Tabs, tmp_path: Path, width: int, *, dark: bool) -> None:
    """Only the graph is wider than the window, on a narrow screen as well, and text has enough contrast."""
    seen = tab(width=width, dark=dark).open(page(tmp_path))
    seen.click("#open")
    assert seen.get("document.documentElement.scrollWidth") <= width
    ground, ink = seen.get(
        "(() => { const of = getComputedStyle(document.body); return [of.backgroundColor, of.color] })()"
    )
    assert (_light(ground), _light(ink)) == ((False, True) if dark else (True, False))


def _light(colour: str) -> bool:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) > 3 * 128


def test_print_shows_everything(opened_page: Tab) -> None:
    """On paper everything shown is expanded without controls; afterwards it is as before."""
    before = opened_page.get("document.querySelector('.controls').offsetHeight")
    opened_page.get("dispatchEvent(new Event('beforeprint'))")
    opened_page.call("Emulation.setEmulatedMedia", media="print")
    assert before > 0
    assert opened_page.get("document.querySelector('.controls').offsetHeight") == 0
    assert len(opened_page.get(OPEN)) == len(plans.SHOWN_STEPS)
    opened_page.call("Emulation.setEmulatedMedia", media="")
    opened_page.get("dispatchEvent(new Event('afterprint'))")
    assert opened_page.get(OPEN) == []


def test_without_script_all_can_be_read(tab: Tabs, tmp_path: Path) -> None:
    """Without scripts changes can be opened, and no ineffective control is shown."""
    seen = tab()
    seen.call("Emulation.setScriptExecutionDisabled", value=True)
    seen.open(page(tmp_path))
    assert seen.get("document.querySelector('.controls').offsetHeight") == 0
    seen.click("details.entry summary")
    assert seen.get(OPEN) == ["c1"]


def test_a_thousand_resources_open_and_are_searched(tab: Tabs, tmp_path: Path) -> None:
    """A plan of a thousand resources is one page that can be searched; seconds are for `make bench`."""
    seen = tab().open(page(tmp_path, large(250)))
    assert seen.get("document.querySelectorAll('details.entry').length") == 750
    assert seen.get("document.querySelectorAll('.canvas a').length") >= 750
    seen.click("#search")
    seen.write("x249-delete")
    assert len(seen.get(VISIBLE)) == 1


def test_a_link_opens_a_change(tab: Tabs, tmp_path: Path) -> None:
    """An address of the page with a fragment opens that change, so that it can be shared."""
    assert tab().open(page(tmp_path), "#c3").get(OPEN) == ["c3"]
