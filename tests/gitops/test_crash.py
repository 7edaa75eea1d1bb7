"""Rows 38 and 39: a sync that is killed at any changing call loses no record, and the next one completes it."""

import itertools
from pathlib import Path

import pytest

from controller.core.cloud import Call, Cloud
from controller.inventory.file_store import FileInventoryStore
from tests.gitops.stage import Stage, group
from tests.journeys.documents import serving
from tests.journeys.stage import ListenedCloud
from tests.soak import soak
from tests.source.git.forge import Forge
from tests.source.git.repository import Files, Repository

SERVING: Files = {f"deploy/s{n}.yaml": text for n, text in enumerate(serving())}


class Killed(BaseException):
    """Stands for ``kill -9``: no code runs after it, and no handler catches it."""


class KillAtCall:
    """Kills at the n-th changing call, before or just after AWS accepted it; checks the inventory at each."""

    def __init__(self, stage: Stage, count: int, documents: int, *, after: bool) -> None:
        self.stage, self.count, self.documents, self.after = stage, count, documents, after
        self.seen, self.killed = 0, False
        self.inner: Cloud = stage.cloud
        stage.__dict__["cloud"] = ListenedCloud(
            self.inner, self
        )  # the stage's client, as a later run uses it

    def __call__(self, call: Call) -> None:
        """Let a call pass, or die."""
        if self.killed:
            raise Killed
        if not call.changes or call.service != "sagemaker":
            return
        known = inventory_names(self.stage, self.documents)
        assert resource_names(self.stage) <= known
        self.seen += 1
        if self.seen == self.count:
            self.killed = True
            if self.after:
                self.inner.call(call)
            raise Killed


def inventory_names(stage: Stage, documents: int) -> set[str]:
    """The names in the inventory's file."""
    held = FileInventoryStore(stage.folder / "inventory-prod.json", "prod").load("123456789012", "us-east-1")
    assert len(held.entries) == documents  # the union is written before the first change
    return {entry.name.casefold() for entry in held.entries.values()}


def resource_names(stage: Stage) -> set[str]:
    """The names of all resources in the account."""
    return {arn.rpartition("/")[2].casefold() for arn in stage.sandbox.resources()}


@pytest.mark.parametrize("groups", [2, *soak(7)])
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_killed_at_every_changing_call(
    forge: Forge, repository: Repository, tmp_path: Path, groups: int, *, after: bool
) -> None:
    """Rows 38 and 39: killed at each call in turn, the inventory always holds what exists; then one of each."""
    documents: Files = {**SERVING, **{f"deploy/{n}.yaml": group(f"g{n}") for n in range(groups)}}
    for count in itertools.count(1):
        stage = Stage(forge, repository, tmp_path / str(count))
        stage.push(documents)
        killing = KillAtCall(stage, count, len(documents), after=after)
        stage.start(stage.sync(prune=True))
        try:
            stage.wait(1200)
        except Killed:
            assert resource_names(stage) <= inventory_names(stage, len(documents))
        if not killing.killed:
            break
        stage.__dict__["cloud"] = killing.inner
        stage.start(stage.sync(prune=True))
        stage.wait(1200)
        assert stage.record().is_applied, (count, stage.record())
        assert len(stage.sandbox.resources()) == len(documents)
    assert count == len(documents) + 1
