"""The JSON Schema of ``sagectl.yaml``, against the reader of the file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from controller.crds.json_schema import sync_schema
from controller.gitops.settings import read_syncs
from controller.gitops.settings_model import SettingsModel, settings_schema
from controller.gitops.settings_syncs import syncs_schema
from tests.cli.conftest import Shell
from tests.repo.files import ROOT

GOOD: dict[str, Any] = {
    "account": "123456789012",
    "region": "eu-west-1",
    "set": "prod",
    "inventory": "s3://state/prod.json",
    "profile": "p",
    "roleArn": "arn:aws:iam::123456789012:role/x",
    "externalId": "x",
    "endpointUrl": "http://localhost:1",
    "rateLimits": {"ListModels": 2.5},
    "sandbox": False,
    "prune": True,
    "mode": "Plan",
    "timeout": "30m",
    "poll": "5s",
    "observationInterval": "1h",
    "variables": {"a": 1, "b": "x"},
    "sensitiveVariables": ["b"],
    "defaultTags": {"team": "risk"},
    "ignoreTags": {"keys": ["a"], "keyPrefixes": ["b"]},
}
WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    0,
    1.5,
    True,
    [],
    ["x"],
    {},
    {"x": "y"},
    {"ListModels": 0},
    {"x": ["y"]},
)


def test_it_names_every_member() -> None:
    """The schema is valid, and has exactly the members that the reader accepts."""
    Draft202012Validator.check_schema(settings_schema())
    assert set(settings_schema()["properties"]) == set(GOOD)
    assert list(Draft202012Validator(settings_schema()).iter_errors(GOOD)) == []
    assert [
        error.validator for error in Draft202012Validator(settings_schema()).iter_errors({"acount": "1"})
    ] == ["additionalProperties"]


@pytest.mark.parametrize("member", sorted(GOOD))
def test_the_reader_refuses_what_the_schema_refuses(member: str) -> None:
    """For each member and each wrong type: what the schema refuses is refused by the reader as well."""
    validator = Draft202012Validator(settings_schema())
    accepted = 0
    for value in WRONG:
        given = {member: value}
        try:
            SettingsModel.model_validate(given)
        except ValidationError:
            continue
        assert list(validator.iter_errors(given)) == [], given
        accepted += 1
    assert accepted < len(WRONG)
    assert any(list(validator.iter_errors({member: value})) for value in WRONG)


def test_the_command_writes_it(bare_shell: Shell) -> None:
    """``schema --out`` writes the schema of ``sagectl.yaml`` beside those of documents, and prints how to select it."""
    ran = bare_shell.run("schema", "--out", "s")
    assert "$schema=s/sagectl.schema.json" in ran.out
    written = json.loads((Path(bare_shell.folder) / "s" / "sagectl.schema.json").read_text(encoding="utf-8"))
    assert written == settings_schema()


def test_the_schema_of_syncs_agrees_with_the_reader(tmp_path: Path) -> None:
    """The file of syncs of docs/gitops.md is valid for schema and reader; a mistyped member is invalid for both."""
    schema = syncs_schema()
    Draft202012Validator.check_schema(schema)
    page = (ROOT / "docs" / "gitops.md").read_text(encoding="utf-8")
    blocks = [each.partition("```")[0] for each in page.split("```yaml\n")[1:]]
    files = [
        parsed for parsed in map(yaml.safe_load, blocks) if isinstance(parsed, dict) and "syncs" in parsed
    ]
    assert files
    for number, parsed in enumerate(files):
        file = tmp_path / f"{number}.yaml"
        for document, good in ((parsed, True), ({**parsed, "synks": []}, False)):
            file.write_text(yaml.safe_dump(document), encoding="utf-8")
            assert Draft202012Validator(schema).is_valid(document) is good
            assert (read_syncs(file)[0] is not None) is good


@pytest.mark.parametrize("base", ["", "https://schemas.example.com/sagemaker/"])
def test_the_catalog_is_in_schemastore_s_format(bare_shell: Shell, base: str) -> None:
    """``catalog.json`` has a name, file names and an address for each, and its schemas are in the folder."""
    assert bare_shell.run("schema", "--out", "s", *(("--url", base) if base else ())).code == 0
    folder = bare_shell.folder / "s"
    catalog = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    assert (catalog["$schema"], catalog["version"]) == ("https://json.schemastore.org/schema-catalog.json", 1)
    assert "sagectl.yaml" in catalog["schemas"][0]["fileMatch"]
    for entry in catalog["schemas"]:
        assert entry.keys() == {"name", "description", "fileMatch", "url"}
        assert entry["url"].startswith(base or folder.resolve().as_uri())
        written = json.loads((folder / entry["url"].rpartition("/")[2]).read_text(encoding="utf-8"))
        assert written["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def _git_syncs() -> list[dict[str, Any]]:
    """Every GitSync of the deployment's examples and of the documentation."""
    texts = [each.read_text(encoding="utf-8") for each in (ROOT / "deploy" / "examples").rglob("*.yaml")]
    for page in (ROOT / "docs").glob("*.md"):
        texts += re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    found = [text for text in texts if re.search("^kind: GitSync$", text, re.MULTILINE)]
    documents = (each for text in found for each in yaml.safe_load_all(text))
    return [each for each in documents if each["kind"] == "GitSync" and "source" in each["spec"]]


def test_git_syncs_have_a_schema() -> None:
    """It accepts the examples, like the API server, and refuses a mistyped field, kind or URL."""
    Draft202012Validator.check_schema(sync_schema())
    validator = Draft202012Validator(sync_schema())
    syncs = _git_syncs()
    assert len(syncs) >= 2
    for each in syncs:
        whole = {**each, "spec": {**each["spec"]}}
        assert [error.message for error in validator.iter_errors(whole)] == []
        assert not validator.is_valid({**each, "spec": {**each["spec"], "intervall": "5m"}})
        assert not validator.is_valid({**each, "kind": "GitSyncs"})
        wrong = {**each["spec"], "source": {**each["spec"]["source"], "url": "git@host:path"}}
        assert not validator.is_valid({**each, "spec": wrong})
