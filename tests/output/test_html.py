"""The content of a plan's HTML page, without a browser."""

import base64
import hashlib
import re
import subprocess
import sys

from controller.core.phase import Action
from controller.output.graph import COLOURS, DARK
from controller.output.html.markup import Html, element, escape_html
from controller.output.html.plan_page import plan_page
from controller.output.redact import Redactor
from tests.cli.trees import CANARY
from tests.output import plans
from tests.output.golden_files import assert_golden

MADE = "from tests.output.test_html import page_html; print(page_html())"


def page_html() -> str:
    """The page of a plan with every action."""
    return plan_page(Redactor().plan(plans.EVERYTHING), "1.2.3")


def test_every_action_has_its_entry() -> None:
    """A plan with every action is the golden page; style, script and the drawings have tests of their own."""
    text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", page_html(), flags=re.DOTALL)
    text = re.sub(r"<svg.*?</svg>", "<svg></svg>", re.sub(r"sha256-[^']*", "sha256-", text), flags=re.DOTALL)
    assert_golden(text.replace("><", ">\n<"), "every-action.html")
    assert page_html().count("<details id=") == len(plans.SHOWN_STEPS)


def test_the_policy_names_what_stands_in_the_page() -> None:
    """The digests in the policy are those of the style and the script, and nothing else may load or run."""
    text = page_html()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    for name in ("style", "script"):
        held = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert held
        digest = base64.b64encode(hashlib.sha256(held[1].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert not re.search(r"unsafe|https?:|\*", policy[1])
    assert not re.search(r"\sstyle=|\son\w+=|<img|<iframe|@import|url\(http|javascript:", text)


def test_the_same_plan_is_the_same_page() -> None:
    """Processes with other hash seeds write the same bytes, and no time is in them."""
    several = [
        subprocess.run(
            [sys.executable, "-c", MADE],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert several[0] == several[1] == f"{page_html()}\n"


def test_nothing_stands_unescaped_by_mistake() -> None:
    """A text is escaped wherever it is inserted, and only once."""
    hostile = "<b a=\"1\" c='2'>&amp;\u202e"
    made = element("p", hostile, element("i", hostile), title=hostile)
    safe = "&lt;b a=&quot;1&quot; c=&#x27;2&#x27;&gt;&amp;amp;\\u202e"
    assert made == f'<p title="{safe}">{safe}<i>{safe}</i></p>'
    assert escape_html(Html("<b>")) == "<b>"


def test_a_secret_is_found_however_it_is_written() -> None:
    """A known secret is removed in the form in which a page writes it."""
    known = frozenset({f"{CANARY}<&'\">"})
    assert CANARY not in Redactor(known).text(escape_html(f"before {CANARY}<&'\"> after"))


def test_every_action_has_colours_that_are_seen() -> None:
    """On light and on dark screens each action has a line of at least 3:1 on its fill and on the ground."""
    assert set(DARK) == set(COLOURS) == set(Action)
    for colours, ground in ((COLOURS, "#ffffff"), (DARK, "#0d1117")):
        for action, (fill, line) in colours.items():
            for behind in (fill, ground):
                assert _contrast(line, behind) >= 3, (action, line, behind)


def _contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[location : location + 2], 16) / 255 for location in (1, 3, 5))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
