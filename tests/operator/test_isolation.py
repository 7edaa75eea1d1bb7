import logging

import pytest

from controller.crds.prune import mismatches, prune_mistyped
from controller.crds.status import status_schema
from controller.crds.sync_spec import spec_schema
from controller.operator.isolation import map_isolated, object_name
from controller.operator.kube.request import ApiError
from tests.kubernetes.syncs import gitsync_object


def test_a_failure_of_one_object_does_not_stop_others(caplog: pytest.LogCaptureFixture) -> None:
    """A failure on one object is logged with its name, and the results for the others are returned."""
    with caplog.at_level(logging.ERROR):
        done = list(map_isolated([2, 0, 4], lambda each: 8 // each, "shares", lambda each: f"object {each}"))
    assert done == [(2, 4), (4, 2)]
    (record,) = caplog.records
    assert record.fields == {"job": "shares", "object": "object 0"}  # type: ignore[attr-defined]


def test_a_refusal_of_the_server_ends_the_operation() -> None:
    """If the API server refuses, the whole operation ends, to be repeated: half a list is no list."""

    def refuse(_: int) -> int:
        raise ApiError(503, "later")

    with pytest.raises(ApiError):
        list(map_isolated([1, 2], refuse, "work", str))


def test_an_object_without_a_name_is_named_all_the_same() -> None:
    """An object without metadata, or with metadata of another type, still has a line in the log."""
    assert [object_name({}), object_name({"metadata": 5}), object_name({"metadata": {"name": "a"}})] == [
        "/",
        "/",
        "/a",
    ]


def test_members_of_wrong_types_are_left_out() -> None:
    """By a status' definition: wrong types are removed, the rest stays, open parts of a schema are not checked."""
    good = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "observedGeneration": 3,
        "outputs": {"a": [1, {"b": None}]},
        "unknown": [1],
    }
    assert prune_mistyped(good, status_schema()) == good
    bad: dict[str, object] = {
        "arn": 5,
        "awsName": None,
        "conditions": [5, None, []],
        "observedGeneration": True,
        "plan": "x",
    }
    assert prune_mistyped({**good, **bad}, status_schema()) == {
        "conditions": [],
        "outputs": good["outputs"],
        "unknown": [1],
    }
    for nothing in (None, 5, "x", [good]):
        assert prune_mistyped(nothing, status_schema()) == {}


def test_members_of_wrong_types_are_reported_with_their_paths() -> None:
    """Each value of another type, and each missing required one, has a path in the form of the document."""
    spec = gitsync_object("https://git.example.com/ml.git")["spec"]
    assert list(mismatches(spec, spec_schema(), "spec")) == []
    spec |= {
        "source": {"ref": [], "verify": {"secretRef": {"name": 5}}},
        "dependsOn": ["a", {}],
        "prune": "yes",
    }
    assert set(mismatches(spec, spec_schema(), "spec")) == {
        "spec.source.url is required",
        "spec.source.ref is not of type object",
        "spec.source.verify.secretRef.name is not of type string",
        "spec.dependsOn[1] is not of type string",
        "spec.prune is not of type boolean",
    }
    assert list(mismatches("x", spec_schema(), "spec")) == ["spec is not of type object"]
