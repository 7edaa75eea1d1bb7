"""A file of syncs is parsed as strictly as documents."""

from pathlib import Path

import pytest

from controller.cli.output import Reader
from controller.core.finding import Finding
from controller.gitops.settings import read_syncs
from controller.gitops.sync import Sync
from controller.gitops.sync_file import SyncFileReader
from controller.gitops.webhook_triggers import receivers, refs

GOOD = """\
region: eu-west-1
syncs:
- name: base
  repo: https://git.example.com/team/fleet.git
  branch: main
  path: base
- name: prod
  repo: https://git.example.com/team/fleet.git
  branch: main
  path: prod
  login: {user: bot, password: {env: SYNC_TEST_TOKEN}}
  interval: 30s
  driftInterval: 5m
  prune: true
  mode: Plan
  dependsOn: [base]
  values: {env: prod}
webhooks:
  receivers:
  - {name: forge, provider: github, secrets: [{env: SYNC_TEST_TOKEN}], syncs: [prod]}
"""


def read_settings(tmp_path: Path, text: str) -> tuple[tuple[Sync, ...], list[str]]:
    """The syncs of a file, and its findings."""
    file = tmp_path / "syncs.yaml"
    file.write_text(text)
    model, found = read_syncs(file)
    findings: list[Finding] = list(found)
    if model is None:
        return (), [str(each) for each in findings]
    reading = SyncFileReader(str(file), Reader(), 10.0, findings)
    syncs = reading.syncs(model)
    if model.webhooks:
        receivers(model.webhooks, syncs, reading)
    return syncs, [str(each) for each in reading.findings]


def test_a_valid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All settings are read; a set is named like its sync, and no secret is shown."""
    monkeypatch.setenv("SYNC_TEST_TOKEN", "canary-of-the-token")
    syncs, wrong = read_settings(tmp_path, GOOD)
    assert wrong == []
    prod = syncs[1]
    assert (prod.owner, prod.needs, prod.prune) == ("prod", ("base",), True)
    assert (prod.timing.interval, prod.timing.drift) == (30, 300)
    assert dict(prod.variables) == {"env": "prod"}
    assert refs(prod.source.selector) == ("refs/heads/main",)
    assert "canary" not in repr(syncs)


WRONG = {
    "an unknown word": (("driftInterval", "driftIntervall"), "driftInterval"),
    "too short an interval": (("interval: 30s", "interval: 9s"), "10s or longer"),
    "two refs": (("branch: main\n  path: base", "branch: main\n  tag: v1\n  path: base"), "exactly one"),
    "an unknown dependency": (("[base]", "[bas]"), "which is no sync"),
    "a circle": (("path: base", "path: base\n  dependsOn: [prod]"), "depend on each other"),
    "a name twice": (("name: base", "name: prod"), "two syncs are called prod"),
    "a set twice": (("prune: true", "set: base"), "own the same set"),
    "a path out of the repository": (("path: prod", "path: ../prod"), "must stay in the repository"),
    "a secret that is not there": (("SYNC_TEST_TOKEN}}", "SYNC_TEST_NONE}}"), "SYNC_TEST_NONE"),
    "a hook of no sync": (("syncs: [prod]", "syncs: [prd]"), "there is no sync prd"),
    "a receiver without a secret": (
        ("secrets: [{env: SYNC_TEST_TOKEN}]", "secrets: []"),
        "secret is missing",
    ),
}


@pytest.mark.parametrize("what", WRONG, ids=str)
def test_invalid_settings_are_named(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows 1, 4, 18: invalid settings are refused before any request, and the secret's value is not in the message."""
    monkeypatch.setenv("SYNC_TEST_TOKEN", "canary-of-the-token")
    (old, new), message = WRONG[what]
    assert old in GOOD
    _, wrong = read_settings(tmp_path, GOOD.replace(old, new))
    assert any(message in each for each in wrong), wrong
    assert "canary" not in str(wrong)


def test_tags_of_a_whole_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Default and ignored tags apply to one sync; a tag that the service refuses is reported with its position."""
    monkeypatch.setenv("SYNC_TEST_TOKEN", "x")
    text = GOOD.replace(
        "  path: base\n", "  path: base\n  defaultTags: {env: prod}\n  ignoreTags: {keys: [cost]}\n"
    )
    (base, prod), wrong = read_settings(tmp_path, text)
    assert wrong == []
    assert (base.default_tags, base.ignored_tags.keys) == ({"env": "prod"}, frozenset({"cost"}))
    assert (prod.default_tags, prod.ignored_tags.keys) == ({}, frozenset())
    _, wrong = read_settings(tmp_path, text.replace("env: prod}\n  ignore", "'aws:a': b}\n  ignore"))
    assert any("syncs.yaml:7:" in each and "belong to AWS" in each for each in wrong)


def test_a_sync_with_events_has_a_default_interval_of_an_hour(tmp_path: Path) -> None:
    """An interval in the file applies with events as without."""
    file = tmp_path / "syncs.yaml"
    file.write_text(GOOD, encoding="utf-8")
    model, found = read_syncs(file)
    assert model is not None
    assert not found
    for events, usual in ((False, 600.0), (True, 3600.0)):
        syncs = [SyncFileReader(str(file), lambda _: "", None, [], events).sync(each) for each in model.syncs]
        assert [each.timing.drift for each in syncs if each is not None] == [usual, 300.0]
