"""The query protocol of AWS, as in STS, IAM and CloudWatch: forms as requests, XML as responses.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from controller.sandbox.model import load
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam", "2010-08-01": "cloudwatch"}  # of the APIs
DEFAULT = "sts"  # of a form without a version


def service_of(form: Mapping[str, str]) -> str:
    """Return the service of a form's API version."""
    return VERSIONS.get(form.get("Version", ""), DEFAULT)


def params_of(service: str, operation: str, form: Mapping[str, str]) -> Json:
    """Return the parameters of a form with the model's types; unknown ones are ignored, as by the service."""
    model = load(service)
    return _value(model.shapes, model.input_of(operation), form, "") or {}


def _value(shapes: Json, name: str, form: Mapping[str, str], prefix: str) -> Any:
    shape = shapes.get(name)
    below = f"{prefix}." if prefix else ""
    if shape is None or not any(field == prefix or field.startswith(below) for field in form):
        return None
    if shape["type"] == "structure":
        found = {
            member: _value(shapes, of["shape"], form, f"{below}{member}")
            for member, of in shape["members"].items()
        }
        return {member: value for member, value in found.items() if value is not None}
    if shape["type"] == "list":
        items: list[Any] = []
        while (
            item := _value(shapes, shape["member"]["shape"], form, f"{below}member.{len(items) + 1}")
        ) is not None:
            items.append(item)
        return items
    return _leaf(shape["type"], form.get(prefix))


def _leaf(kind: str, text: str | None) -> Any:
    if text is None or kind not in ("integer", "long", "double", "float", "boolean"):
        return text
    if kind == "boolean":
        return text == "true"
    try:
        return int(text) if kind in ("integer", "long") else float(text)
    except ValueError:
        raise ServiceError("MalformedInput", f"{text} is not a number.") from None


def answer(service: str, operation: str, value: Json, request_id: str) -> str:
    """Return a successful response as XML."""
    model = load(service)
    members = _xml(model.shapes, model.output_of(operation), value) if value else ""
    return (
        f'<{operation}Response xmlns="{model.namespace}"><{operation}Result>{members}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )


def refusal(service: str, error: ServiceError, request_id: str) -> str:
    """Return a refusal as XML."""
    return (
        f'<ErrorResponse xmlns="{load(service).namespace}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _xml(shapes: Json, name: str, value: Any) -> str:
    shape = shapes[name]
    if shape["type"] == "structure":
        members = shape["members"]
        return "".join(f"<{m}>{_xml(shapes, members[m]['shape'], inner)}</{m}>" for m, inner in value.items())
    if shape["type"] == "list":
        element = shape["member"]["shape"]
        return "".join(f"<member>{_xml(shapes, element, item)}</member>" for item in value)
    if shape["type"] == "timestamp":
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
