"""There is one set of reasons, and its table lists where each is shown."""

import ast
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

from controller.core.phase import Action
from controller.core.reason import RECONCILE_STATES, Reason
from controller.output.action_words import action_reason
from docs.dev.reasons import DRIFTED, EVENT, METRIC, OBJECT, PLAN, ROWS, SYNC
from tests.repo.files import ROOT

_OPERATOR = ROOT / "controller" / "operator"
_SHOWN = {row.reason: row.shown for row in ROWS}


def _named_reasons(*folders: Path) -> frozenset[Reason]:
    """The reasons that modules name, as ``Reason.READY``."""
    nodes = (node for folder in folders for path in folder.rglob("*.py") for node in _nodes(path))
    return frozenset(
        Reason[node.attr]
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    )


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _reasons_of(where: str) -> frozenset[Reason]:
    return frozenset(reason for reason, shown in _SHOWN.items() if where in shown)


def test_every_reason_has_one_line() -> None:
    """Every reason is in the table once, written like its name."""
    assert sorted(row.reason.name for row in ROWS) == sorted(reason.name for reason in Reason)
    for reason in Reason:
        assert re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason.value).upper() == reason.name
        assert re.fullmatch("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", reason.value)  # metav1.Condition


def test_the_table_says_where_a_reason_is_shown() -> None:
    """Plans have the engine's reasons, conditions those with a reconcile state; the others are the operator's."""
    assert _reasons_of(PLAN) == _named_reasons(ROOT / "controller" / "engine")
    assert _reasons_of(OBJECT) | _reasons_of(SYNC) == frozenset(RECONCILE_STATES)
    others = _reasons_of(DRIFTED) | _reasons_of(EVENT) | _reasons_of(METRIC)
    assert others == frozenset(Reason) - _reasons_of(PLAN) - frozenset(RECONCILE_STATES)
    assert others <= _named_reasons(_OPERATOR)
    assert _named_reasons(_OPERATOR / "gitsync") & frozenset(RECONCILE_STATES) <= _reasons_of(SYNC)


def test_no_reason_is_unused() -> None:
    """Each is named outside the set itself."""
    assert _named_reasons(*(ROOT / "controller" / each for each in ("engine", "operator"))) == frozenset(
        Reason
    )


def test_a_literal_is_no_reason() -> None:
    """Reasons of the operator are members of the set, and never texts of their own."""
    others = {"Ready", "Failed", "Suspended", "Progressing"}  # conditions, and names of AWS and Argo CD
    values = {reason.value for reason in Reason} - others
    for path in _OPERATOR.rglob("*.py"):
        literals = {node.value for node in _nodes(path) if isinstance(node, ast.Constant)}
        assert not literals & values, path


@pytest.mark.parametrize("action", Action)
def test_an_action_reason_is_a_code(action: Action) -> None:
    """It is made of the action and the reason, in the form that the schema of plans demands."""
    for reason in Reason:
        code = action_reason(action, reason)
        assert re.fullmatch("[a-z_]+", code)
        assert code.endswith(f"_because_{reason.name.lower()}")


def test_there_is_no_other_set() -> None:
    """No other enumeration of the product is made of reasons."""
    for path in (ROOT / "controller").rglob("*.py"):
        for node in _nodes(path):
            if isinstance(node, ast.ClassDef) and any(_is(base) for base in node.bases):
                named = node.name.endswith(("Reason", "Why"))
                assert not named or path.name == "reason.py", f"{path}: {node.name}"


def _is(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == Enum.__name__
