"""The law of the converters: a document of every kind, converted to each tool's format, is converted back unchanged."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pytest

from controller.convert.ack import read_objects
from controller.convert.cloudformation import read_templates
from controller.convert.documents import Converted, convert_resources
from controller.convert.request_bodies import read_requests
from controller.convert.source import Sources, read_sources
from controller.convert.terraform import read_terraform
from controller.core.path import from_pointer, get, with_value
from controller.insight.export import Exported
from controller.kinds import KINDS
from controller.kinds.other_tools import ACK, BOTO3, CLOUDFORMATION, TERRAFORM
from controller.schema.contract import contract
from controller.schema.names import lower_camel, to_camel
from tests.convert import writers
from tests.kinds import full

TAGS = {"team": "risk", "cost-center": "42"}


def from_request(kind: str, text: str) -> Converted:
    """The document for a request."""
    return convert_resources(read_requests(_as_stdin(text), kind), BOTO3, adopt=False, changeable_names=False)


def from_ack(kind: str, text: str) -> Converted:
    """The document for an object of ACK."""
    del kind
    return convert_resources(read_objects(_as_stdin(text)), ACK, adopt=False, changeable_names=False)


def from_terraform(kind: str, text: str) -> Converted:
    """The document for a Terraform state."""
    del kind
    return convert_resources(read_terraform(_as_stdin(text)), TERRAFORM, adopt=False, changeable_names=False)


def from_template(kind: str, text: str) -> Converted:
    """The document for a CloudFormation template."""
    del kind
    reading = read_templates(_as_stdin(text), {})
    return convert_resources(reading, CLOUDFORMATION, adopt=False, changeable_names=False)


def _as_stdin(text: str) -> Sources:
    return read_sources(["-"], BytesIO(text.encode()))


Writer = Callable[[str, dict[str, Any], Mapping[str, str]], str]
Converter = Callable[[str, str], Converted]
WAYS: Mapping[str, tuple[Writer, Converter]] = {
    "boto3": (writers.request, from_request),
    "terraform": (writers.terraform_state, from_terraform),
    "cloudformation": (writers.template, from_template),
    "ack": (writers.ack_object, from_ack),
}


def _expected(kind: str, spec: dict[str, Any], got: Exported) -> dict[str, Any]:
    """The spec as it was, with secrets replaced by a reference or a variable."""
    of = contract(kind)
    expected: Any = to_camel(writers.aws_spec(kind, spec), of.spec)
    name = lower_camel(of.name_member)
    if name not in got.spec and name in expected:
        assert expected[name] == got.ref.name
        del expected[name]
    for omitted_member in got.omitted:
        path = from_pointer("/" + omitted_member.path.replace("[", "/").replace("]", "").replace(".", "/"))
        expected = with_value(expected, path, get(got.spec, path))
    return {**expected, **({"tags": TAGS} if of.taggable else {})}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_survives_the_way_through_another_tool(kind: str, way: str) -> None:
    """Every member of every kind returns from each tool's format with its value and its type; nothing is reported."""
    write, convert = WAYS[way]
    for spec in full.specs(kind):
        made = convert(kind, write(kind, spec, TAGS))
        assert [str(each) for each in made.findings] == []
        assert [each.ref.kind for each in made.documents] == [kind]
        assert dict(made.documents[0].spec) == _expected(kind, spec, made.documents[0])
        assert "canary-9921" not in repr(made)
