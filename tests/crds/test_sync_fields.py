"""A sync has one list of settings: file, GitSync, options and documentation hold the same, with the same defaults."""

import argparse
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from controller.cli.controller_options import sync as add_options
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.crds.prune import violations
from controller.crds.sync_fields import BY_FILE, BY_FLAG, BY_SPEC, MOST_TAGS, SyncField
from controller.crds.sync_spec import spec_schema
from controller.gitops.notifications import AllowedHosts
from controller.gitops.settings import syncs_of
from controller.gitops.settings_syncs import SecretModel, SyncModel
from controller.gitops.sync import Sync
from controller.gitops.sync_file import SyncFileReader
from controller.operator.cached_object import Item, item
from controller.operator.context import OperatorSettings
from controller.operator.gitsync.spec import read_sync
from controller.operator.grants import Grant
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.secrets import NamespaceSecrets
from controller.schema import leaf
from tests.kubernetes.syncs import gitsync_object

Json = dict[str, Any]
URL = "https://git.example.com/ml.git"
CANARY = "canary-6f1b"
# A value of each setting that both a file and a GitSync have, other than its default.
VALUES: Json = {
    "source.path": "deploy",
    "source.include": ["*.yml"],
    "source.exclude": ["test"],
    "interval": "90s",
    "driftInterval": "20m",
    "timeout": "2h",
    "observationInterval": "30m",
    "suspend": True,
    "mode": "Plan",
    "prune": True,
    "set": "ml.prod",
    "dependsOn": ["base"],
    "values": {"region": "eu", "count": 3, "on": True},
    "defaultTags": {"env": "prod"},
    "ignoreTags.keys": ["cost"],
    "ignoreTags.keyPrefixes": ["auto:"],
}
SECRET = {"secretRef": {"name": "forge"}}
ADDRESSEES: Json = {
    "report": {"host": "gitea", "api": "https://git.example.com/api/v1", "repository": "a/b", **SECRET},
    "message": {"url": "https://example.com/", **SECRET},
}
REFS = ("source.ref.branch", "source.ref.tag", "source.ref.semver", "source.ref.commit", "source.ref.name")


def _fields(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The settings of a model and of those in it, with their annotations and defaults; a secret is one setting."""
    for name, field in model.model_fields.items():
        path = f"{at}{field.alias or name}"
        inner = [each for each in (field.annotation, *get_args(field.annotation)) if isinstance(each, type)]
        models = [each for each in inner if issubclass(each, BaseModel) and each is not SecretModel]
        if models:
            yield from _fields(models[0], f"{path}.")
        else:
            yield path, field.annotation, field.default


FILE = {path: (annotation, default) for path, annotation, default in _fields(SyncModel)}


def _put(spec: Json, path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for each in parents:
        spec = spec.setdefault(each, {})
    spec[name] = value


def _item(spec: Json) -> Item:
    value = gitsync_object(URL)
    metadata = {"name": "prod", "uid": "1", "resourceVersion": "1", "namespace": "ml"}
    return item(Ref(SYNC.kind, "prod", "ml"), {**value, "metadata": metadata, "spec": spec}, None)


def _read(spec: Json) -> tuple[Sync | None, str]:
    nowhere = NamespaceSecrets(Api(Access("http://127.0.0.1:1"), connections=1), "ml")
    found = read_sync(
        _item(spec), nowhere, OperatorSettings(poll=7.0), AllowedHosts(), Grant(), cluster="default"
    )
    return found.sync, found.problem


def test_a_file_has_the_rows() -> None:
    """Every setting of a sync of a file has a row, and every row of a file is a setting, with its default."""
    assert FILE.keys() == BY_FILE.keys()
    for path, (annotation, default) in FILE.items():
        row = BY_FILE[path]
        if path not in ("include", "poll"):  # their defaults are those of the source and of the runner
            assert (default if isinstance(default, str | bool) and default != "" else None) == row.default, (
                path
            )
        choices = [each for each in get_args(annotation) if isinstance(each, str)]
        assert choices == list(row.schema.get("enum", [])), path


def test_the_limits_of_tags_are_those_of_the_kinds() -> None:
    """The rows import no model of the service, and repeat the number of tags."""
    assert leaf.MOST_TAGS == MOST_TAGS


def test_the_options_are_the_rows() -> None:
    """Each row with an option has it, with its help text, and a switch has no value."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    actions = {flag: each for each in parser._actions for flag in each.option_strings}
    for flag, row in BY_FLAG.items():
        assert actions[flag].help == row.help
        assert (actions[flag].nargs == 0) is row.is_switch


def _leaves(schema: Json, at: str = "") -> Iterator[str]:
    for name, inner in schema["properties"].items():
        path = f"{at}{name}"
        if "properties" in inner and not path.endswith("secretRef"):
            yield from _leaves(inner, f"{path}.")
        else:
            yield path


def test_a_definition_has_the_rows() -> None:
    """Every setting of the definition is a row, and every row is in it, in its order."""
    assert sorted(_leaves(spec_schema())) == sorted(BY_SPEC)
    assert [path for path in BY_SPEC if path in BY_FILE or BY_SPEC[path].description == ""] == [
        path for path in BY_SPEC if path in BY_FILE
    ]


@pytest.mark.parametrize("ref", REFS)
def test_a_file_and_an_object_give_the_same_sync(ref: str) -> None:
    """The same settings, each other than its default, are the same sync in both; so are no settings."""
    revision = {"name": "refs/pull/7/head", "semver": ">=1.0"}.get(ref.rsplit(".", 1)[-1], "a" * 40)
    for values in (VALUES, {}):
        spec: Json = {"source": {"url": URL}}
        one: Json = {"name": "prod", "repo": URL}
        _put(spec, ref, revision)
        one[BY_SPEC[ref].file] = revision
        for path, value in values.items():
            _put(spec, path, value)
            _put(one, BY_SPEC[path].file, value)
        one.setdefault("set", "ml.prod")
        model, found = syncs_of({"syncs": [one]})
        assert model is not None, found
        reading = SyncFileReader("", lambda _: "", 7.0, [])
        of_file = reading.sync(model.syncs[0])
        of_object, problem = _read(spec)
        assert (reading.findings, problem) == ([], "")
        assert of_file is not None
        assert of_object is not None
        assert {**vars(of_object), "advice": None} == {**vars(of_file), "advice": None}
    shared = {
        path for path, row in BY_SPEC.items() if row.file and not path.startswith(("report", "message"))
    }
    assert set(VALUES) == shared - {"source.url", *REFS}


def _invalid_values(row: SyncField) -> Iterator[Any]:
    """Values of the right type that a row's schema refuses."""
    schema = row.schema
    if "enum" in schema or "pattern" in schema:
        yield f" {CANARY}"
    if "maxLength" in schema:
        yield CANARY + "a" * schema["maxLength"]
    if "maxItems" in schema:
        yield [CANARY] * (schema["maxItems"] + 1)
    if "maxProperties" in schema:
        yield {f"{CANARY}-{each}": "x" for each in range(schema["maxProperties"] + 1)}


@pytest.mark.parametrize("path", [path for path, row in BY_SPEC.items() if any(_invalid_values(row))])
def test_an_object_that_an_older_definition_let_through_is_refused(path: str) -> None:
    """Each choice, limit and pattern is also checked when an object is read: the sync has a finding."""
    for value in _invalid_values(BY_SPEC[path]):
        spec: Json = {"source": {"url": URL, "ref": {"branch": "main"}}}
        if path.split(".", maxsplit=1)[0] in ADDRESSEES:
            spec[path.split(".", maxsplit=1)[0]] = dict(ADDRESSEES[path.split(".", maxsplit=1)[0]])
        _put(spec, path, value)
        assert any(violations(spec, spec_schema(), "spec"))
        _, problem = _read(spec)
        assert f"spec.{path}" in problem
        if path not in ("set", "secrets") and "secretRef" not in path:  # names, which are shown
            assert CANARY not in problem


def test_values_are_scalars() -> None:
    """Constraints of values that a definition can't express are checked by their reader."""
    spec = {"source": {"url": URL, "ref": {"branch": "main"}}, "values": {"a": {"b": "c"}}}
    assert _read(spec)[1] == "spec.values.a is no string, number or boolean"
