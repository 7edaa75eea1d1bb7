"""The law of the rows' rules: the loader finds a violation, and the sandbox refuses it."""

import json
from collections.abc import Iterator
from typing import Any

import botocore
import botocore.exceptions
import pytest
from botocore.loaders import Loader

from controller.core.cloud import Call
from controller.core.path import Path, expand, get, with_value, without_value
from controller.kinds import KINDS
from controller.kinds.rule import Choice, Rule
from controller.sandbox import Knobs, Sandbox
from controller.schema.check import check
from controller.schema.contract import Contract, contract
from controller.schema.names import camel_path, to_aws
from controller.schema.rule_text import statement
from controller.schema.rules import breaches, check_rules
from controller.schema.shape import Shape, required_operation, shape
from tests.kinds import full
from tests.kinds.broken_rules import break_rule
from tests.kinds.linked_documents import NAMES
from tests.sandbox.conftest import client_of

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
_LOADER = Loader()  # keeps what it has read
RULED = [kind for kind in KINDS if KINDS[kind].write.rules]


def spec_breaking(of: Contract, rule: Rule) -> dict[str, Any]:
    """A spec that violates the rule."""
    return break_rule(of, rule, full.least_valid_spec(of.name), full.least_value(of.name))


@pytest.mark.parametrize("kind", RULED)
def test_a_violated_rule_is_found(kind: str) -> None:
    """Each rule of each kind, violated, is a finding with the rule."""
    of = contract(kind)
    for rule in of.kind.write.rules:
        lines = [each.message for each in check(spec_breaking(of, rule), of, defers=lambda _: False)]
        assert statement(rule, of) in lines, (rule, lines)


@pytest.mark.parametrize("kind", RULED)
def test_an_empty_list_counts_as_omitted(kind: str) -> None:
    """Each rule of each kind finds the same in a spec with an empty list as in one without the member."""
    of = contract(kind)
    for rule in of.kind.write.rules:
        spec = to_aws(spec_breaking(of, rule), of.spec)
        for path in [each for each in _members(spec) if isinstance(get(spec, each), list)]:
            found, expected = (
                list(breaches(rule, each, lambda _: False))
                for each in (with_value(spec, path, []), without_value(spec, path))
            )
            assert found == expected, (rule, path)


@pytest.mark.parametrize("kind", RULED)
def test_only_violated_rules_are_found(kind: str) -> None:
    """Of specs that violate a rule, whole and without each member, exactly the violated rules are found."""
    of = contract(kind)
    for rule in of.kind.write.rules:
        spec = spec_breaking(of, rule)
        for less in (spec, *(without_value(spec, path) for path in _members(spec))):
            written = to_aws(less, of.spec)
            each = [
                (camel_path(path, of.spec), statement(other, of))
                for other in of.kind.write.rules
                for path in breaches(other, written, lambda _: False)
            ]
            found = [(one.path, one.message) for one in check_rules(less, of, lambda _: False)]
            assert sorted(map(str, found)) == sorted(map(str, each)), less


def _members(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of the members of all structures in a spec."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from _members(each, (*path, key))


@pytest.mark.parametrize("kind", RULED)
def test_a_violated_rule_is_refused_by_the_sandbox(kind: str) -> None:
    """The sandbox, independent of the rows, refuses the same request, and not because of a missing resource."""
    of = contract(kind)
    sandbox = Sandbox(knobs=Knobs(unsupported_is_refused=True))
    client = client_of(sandbox, validates=False)
    definition = json.dumps({"Version": "2020-12-01", "Steps": []})
    client.create_pipeline(
        PipelineName=NAMES["Pipeline"],
        RoleArn=ROLE,
        PipelineDefinition=definition,
        ClientRequestToken="t" * 32,
    )
    for rule in of.kind.write.rules:
        call = as_request(of, rule, spec_breaking(of, rule))
        other = client_of(sandbox, of.service, validates=False)
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            getattr(other, botocore.xform_name(call.operation))(**call.params)
        error = caught.value.response["Error"]
        assert error["Code"] == "ValidationException", (rule, error)
        wrong = ("Could not find", "does not exist", "No workforce", "not found")
        assert not any(text in error["Message"] for text in wrong), (rule, error)


@pytest.mark.parametrize("kind", KINDS)
def test_each_union_of_the_model_is_a_rule(kind: str) -> None:
    """For a structure that is a union in the model, the row has a rule that exactly one member is given."""
    of = contract(kind)
    shapes = _LOADER.load_service_model(of.service, "service-2")["shapes"]
    chosen = {
        (rule.within, frozenset(rule.members))
        for rule in of.kind.write.rules
        if isinstance(rule, Choice) and (rule.least, rule.most) == (1, 1)
    }
    for path, members in _union_paths(shapes, of.spec):
        assert len(members) == 1 or (path, members) in chosen, path


def _union_paths(shapes: dict[str, Any], spec: Shape) -> Iterator[tuple[str, frozenset[str]]]:
    """The path of each union below a spec, with the members to choose from."""
    todo = [("", spec, frozenset[str]())]
    while todo:
        path, one, above = todo.pop()
        if one.name in above:
            continue
        if shapes.get(one.name, {}).get("union"):
            yield path, frozenset(one.members)
        dot = f"{path}." if path else ""
        inner = [(f"{dot}{name}", shape(member)) for name, member in one.members.items()]
        inner += [(f"{path}[]", shape(one.element))] if one.element else []
        todo.extend((name, each, above | {one.name}) for name, each in inner)


def as_request(of: Contract, rule: Rule, spec: dict[str, Any]) -> Call:
    """A spec as a request; of a rule of an element with operations of its own, that element's."""
    request: Any = to_aws(json.loads(json.dumps(spec)), of.spec)
    child = of.kind.write.children.get(rule.within.partition("[]")[0])
    if child is not None:
        element = get(request, (rule.within.partition("[]")[0], 0))
        return required_operation(child.put).call(
            {**{key: request[key] for key in sorted(of.identity)}, **element}
        )
    return of.creates.call(_creation_input(of, request))


def _creation_input(of: Contract, request: Any) -> dict[str, Any]:
    for pattern in of.kind.compare.documents:
        for path, value in expand(request, pattern):
            request = with_value(request, path, value if isinstance(value, str) else json.dumps(value))
    for pattern in of.secrets:
        for path, _ in expand(request, pattern):
            request = with_value(request, path, "secret")
    request.pop("Tags", None)
    known = {key: value for key, value in request.items() if key not in of.unsent_members}
    unversioned = of.kind.identity.found_by is None or of.kind.identity.found_by.when not in known
    named = of.name_member in of.spec.members and unversioned
    return {**({of.name_member: "one"} if named else {}), **known}
