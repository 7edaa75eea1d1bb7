"""The rule of ``deploy/events`` sends the events that the parser accepts, by moto's matcher of EventBridge patterns."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.events.models import EventPattern

from tests.aws_events.events import api_call, state_change

FOLDER = Path(__file__).parents[2] / "deploy" / "events"


class _Template(yaml.SafeLoader):
    """A CloudFormation template; its functions are read as their arguments."""


_Template.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))


def cloudformation() -> Any:
    """The pattern of the template."""
    template = yaml.load((FOLDER / "cloudformation.yaml").read_text(encoding="utf-8"), _Template)  # noqa: S506, TID251 - made safe above
    return template["Resources"]["Rule"]["Properties"]["EventPattern"]


def terraform() -> Any:
    """The pattern of the configuration, which is written like JSON but for the equals signs and quotes of names."""
    text = (FOLDER / "main.tf").read_text(encoding="utf-8")
    inner = text[text.index("event_pattern = jsonencode(") + len("event_pattern = jsonencode(") :]
    inner = inner[: inner.index("\n  })") + 4]
    quoted = re.sub(r'"?([\w$-]+)"? = ', r'"\1": ', inner)
    lines = re.sub(r"(?<=[\]}\"])\n(?=\s*\")", ",\n", quoted)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", lines))


def test_both_templates_have_one_pattern() -> None:
    """CloudFormation and Terraform select the same events."""
    assert terraform() == cloudformation()


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        (state_change("Endpoint", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"), True),
        (api_call("UpdateEndpoint", {"endpointName": "fraud"}), True),
        (api_call("DescribeEndpoint", {"endpointName": "fraud"}, readOnly=True), False),
        (state_change("Endpoint", "a") | {"source": "aws.ec2"}, False),
    ],
)
def test_the_rule_sends_changes(event: Any, *, sent: bool) -> None:
    """The pattern matches changes of state and changing calls, and nothing else."""
    assert EventPattern.load(json.dumps(cloudformation())).matches_event(event) is sent
