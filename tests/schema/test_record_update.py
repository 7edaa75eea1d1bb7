"""What ``make record`` prints of a newer botocore: what it changes in what the rows use, and nothing else."""

import copy
import json
from typing import Any

import pytest

from controller.kinds import KINDS
from controller.schema.record import RECORD, operations_of, spec_of
from controller.schema.record_update import model_changes

NOW: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))


def older_record() -> dict[str, Any]:
    """The record of an earlier botocore."""
    return {**copy.deepcopy(NOW), "from": "botocore 1.0.0"}


def report_lines(old: dict[str, Any]) -> list[str]:
    """The output after the first line, which has the two versions."""
    first, *rest = model_changes(old, NOW)
    assert first == f"botocore 1.0.0 -> {NOW['from']}"
    return rest


def test_the_same_botocore_prints_nothing() -> None:
    """Recorded again with the same botocore, the record is written without output."""
    assert list(model_changes({**older_record(), "from": NOW["from"]}, NOW)) == []


def test_nothing_changed_is_one_line() -> None:
    """A botocore of another number with the same model has its number only."""
    assert report_lines(older_record()) == []


@pytest.mark.parametrize("kind", ["Model", "Cluster"])
def test_members_are_named_with_the_kinds_that_have_them(kind: str) -> None:
    """One added and one removed, at any depth."""
    old = older_record()
    name = NOW["operations"][f"Create{kind}"]["input"]
    members = old["shapes"][name]["members"]
    came = max(members)
    del members[came]
    members["Gone"] = "String"
    assert report_lines(old) == [f"- {name}.Gone ({kind})", f"+ {name}.{came} ({kind})"]


def test_values_and_requirements_are_told() -> None:
    """A new value, and a member that is required now."""
    old = older_record()
    name = NOW["operations"]["CreateModel"]["input"]
    old["shapes"][name]["required"] = []
    old["shapes"]["ModelCompressionType"]["enum"].remove("Gzip")
    found = report_lines(old)
    assert f"+ {name}.ModelName is required (Model)" in found
    assert any(line.startswith("+ ModelCompressionType 'Gzip' (") and "Model" in line for line in found)
    assert len(found) == 2


def test_operations_come_and_go() -> None:
    """A new Update of a kind, a removed one, and a Create without a row."""
    old = older_record()
    del old["operations"]["UpdateEndpoint"]
    old["operations"]["DeleteTrainingPlan"] = {"input": "DeleteModelInput"}
    old["without_row"] = old["without_row"][1:]
    assert report_lines(old) == [
        "- DeleteTrainingPlan",
        "+ UpdateEndpoint",
        f"+ {NOW['without_row'][0]}: no row has it",
    ]


def test_a_new_row_is_no_news_of_botocore() -> None:
    """What is recorded for a row that the old record did not have is not printed."""
    old = older_record()
    for name in operations_of(KINDS["AutoMLJobV2"]):
        old["operations"].pop(name, None)
    del old["shapes"][spec_of(KINDS["AutoMLJobV2"])]
    old["without_row"] = sorted([*old["without_row"], "CreateAutoMLJobV2"])
    assert report_lines(old) == []


def test_operations_without_a_row_are_recorded() -> None:
    """Operations without a kind are recorded, so that the next record can list new ones."""
    used = {name for kind in KINDS.values() for name in operations_of(kind)}
    assert NOW["without_row"] == sorted(NOW["without_row"])
    assert all(name.startswith("Create") and name not in used for name in NOW["without_row"])
    assert "CreatePresignedDomainUrl" in NOW["without_row"]
