"""The division of the suite: what `make check`, `make test` and `make soak` run."""

import ast
import os
import re
import subprocess
import sys
from copy import copy
from typing import Any

import pytest
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.utils import EVENT_ALIASES
from hypothesis import settings

from controller.sandbox import Sandbox
from tests import botocore_memo, soak
from tests.repo.files import ROOT, python_files, relative_path, tree
from tests.sandbox.conftest import client_of


def _is_soak_call(node: ast.AST) -> bool:
    """Whether a value of a list is ``*soak(...)``."""
    return (
        isinstance(node, ast.Starred)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "soak"
    )


def test_what_soak_repeats_make_test_runs_in_short() -> None:
    """Each list of parameters that has a long form has a shorter one, and no test is marked otherwise."""
    uses = re.compile(r"^from tests\.soak import", re.MULTILINE)
    files = [path for path in python_files("tests") if uses.search(path.read_text(encoding="utf-8"))]
    assert files
    for path in files:
        lists = [node.elts for node in ast.walk(tree(path)) if isinstance(node, ast.List)]
        held = [each for each in lists if any(map(_is_soak_call, each))]
        calls = path.read_text(encoding="utf-8").count("*soak(")
        assert calls == len(held) > 0, relative_path(path)
        assert all(not all(map(_is_soak_call, each)) for each in held), relative_path(path)
    marked = [
        relative_path(path)
        for path in python_files("tests")
        if "mark.soak" in path.read_text(encoding="utf-8")
    ]
    assert marked == ["tests/repo/test_suite.py", "tests/soak.py"]


def test_no_property_has_a_deadline() -> None:
    """A busy machine fails no example: neither the profile nor a test sets a wall-clock deadline."""
    assert settings().deadline is None
    own = [
        relative_path(path)
        for path in python_files("tests")
        if re.search(r"settings\([^)]*deadline", path.read_text(encoding="utf-8"))
    ]
    assert not own


def test_clients_share_what_is_derived_from_the_model_and_nothing_else() -> None:
    """Two clients have one model and one set of methods; each calls its own account, and keeps its own handlers."""
    ours, theirs = Sandbox(), Sandbox()
    one, other = client_of(ours), client_of(theirs)
    assert one.meta.service_model is other.meta.service_model
    assert type(one).list_models is type(other).list_models
    seen: list[str] = []
    one.meta.events.register("before-call.sagemaker", lambda model, **_: seen.append(model.name))
    other.list_models()
    assert not seen
    one.list_actions()
    assert seen == ["ListActions"]
    assert [[call.operation for call in each.calls] for each in (ours, theirs)] == [
        ["ListActions"],
        ["ListModels"],
    ]


def test_clients_call_handlers_in_order_and_drop_their_own_alone() -> None:
    """Handlers are shared until a client registers or removes one: first, middle and last, of it and of its copies."""
    one, other = (client_of(Sandbox()).meta.events for _ in range(2))
    seen: list[str] = []
    sections = {"last": "register_last", "middle": "register", "first": "register_first"}
    handlers = {name: lambda _at=name, **_: seen.append(_at) for name in sections}
    for name, register in sections.items():
        getattr(one, register)("test.*.end", handlers[name])
    copied = copy(one)
    copied.unregister("test.*.end", handlers["middle"])
    for events in (one, copied, one, other):
        events.emit("test.any.end")
    assert seen == ["first", "middle", "last", "first", "last", "first", "middle", "last"]


def test_events_have_the_names_that_botocore_gives_them() -> None:
    """Of each alias, with and without parts around it, and of names without one."""
    aliaser: Any = EventAliaser(HierarchicalEmitter())
    for alias in (*EVENT_ALIASES, "sagemaker", "sts", "resource-groups-tagging-api", "nothing"):
        for name in (alias, f"before-call.{alias}", f"before-call.{alias}.CreateModel", f"x{alias}.y"):
            memoized = aliaser._alias_event_name(name)
            assert memoized == botocore_memo._aliased(EventAliaser(HierarchicalEmitter()), name), name


def test_calls_name_their_credential_and_its_scope() -> None:
    """What a sandbox reads of a signature is in each call, though no test in this process computes one."""
    sent: list[str] = []
    client = client_of(Sandbox(), region="eu-west-1")
    client.meta.events.register_first(
        "before-send.sagemaker", lambda request, **_: sent.append(request.headers["Authorization"].decode())
    )
    client.list_models()
    assert [re.sub(r"/\d{8}/", "/DAY/", each).partition(", ")[0] for each in sent] == [
        "AWS4-HMAC-SHA256 Credential=dummy/DAY/eu-west-1/sagemaker/aws4_request"
    ]


def test_tests_on_an_api_server_come_first(request: pytest.FixtureRequest) -> None:
    """They take longest, so that no worker runs them alone at the end; those that mostly wait are the first of them."""
    first = [item.path.parent.name == "kubernetes" for item in request.session.items]
    assert first == sorted(first, reverse=True)
    waiting = [item.get_closest_marker("waits") is not None for item in request.session.items]
    assert waiting == sorted(waiting, reverse=True)


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="Linux alone has this policy")
def test_a_thread_that_wakes_up_does_not_interrupt_another() -> None:
    """The tests and the processes that they start have the scheduling policy for batch work."""
    line = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert os.sched_getscheduler(0) == int(done.stdout) == os.SCHED_BATCH


def test_each_run_of_soak_has_seeds_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """All seeds of a run are taken once, in parts; the next day's are others, and the Makefile gives the day."""
    runs = []
    for day in (20261130, 20261201):
        monkeypatch.setattr(soak, "_RUN", day)
        runs.append([seed for part in soak.new_seeds(600, 250) for seed in part])
    first, second = runs
    assert len(first) == len(set(first)) == 600
    assert not {*first} & {*second}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "SEED ?= $(shell date +%Y%m%d)" in makefile
    assert "SOAK_SEED=$(SEED)" in makefile
