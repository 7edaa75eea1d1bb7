"""A choice that is newer than the recorded model: a warning in every way in, and the service decides."""

from pathlib import Path
from typing import Any

import yaml

from controller.core.finding import Code, Severity, errors
from controller.crds.definition import definition
from controller.crds.prune import mismatches
from controller.manifests.load import load_bytes, read_object

INPUT = Path(__file__).parent / "inputs" / "new-instance-type.yaml"


def _with_instance(instance: str) -> bytes:
    return INPUT.read_bytes().replace(b"ml.m9g.large", instance.encode())


def test_a_newer_instance_type_is_a_warning() -> None:
    """Row new-instance-type: validate warns at the value's position, and the document may be applied."""
    loaded = load_bytes([(str(INPUT), INPUT.read_bytes())])
    (finding,) = loaded.findings
    assert (finding.code, finding.severity) == (Code.ENUM, Severity.WARNING)
    assert finding.origin is not None
    assert (finding.origin.line, finding.origin.column) == (4, 99)
    assert "ml.m9g.large" in finding.message
    assert not errors(loaded.findings)


def test_a_likely_typing_mistake_is_an_error() -> None:
    """The same document with a mistyped known type is refused, and the likely type is named."""
    for wrong in (
        "ml.m5.larg",
        "ml.m5.lrage",
        "ML.M5.LARGE",
        "ml.m5large",
        "ml-m5-large",
        "'ml.m5 large'",
        "'...'",
    ):
        (finding,) = load_bytes([("one.yaml", _with_instance(wrong))]).findings
        assert (finding.code, finding.severity) == (Code.ENUM, Severity.ERROR), wrong


def test_an_object_is_read_alike() -> None:
    """The operator gives the same warning for an object, whose definition accepts the value."""
    value: dict[str, Any] = yaml.safe_load(INPUT.read_bytes())
    document, (finding,) = read_object(value, "EndpointConfig/e")
    assert document is not None
    assert finding.severity is Severity.WARNING
    schema = definition("EndpointConfig")["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert not list(mismatches(value["spec"], schema["properties"]["spec"], "spec"))
