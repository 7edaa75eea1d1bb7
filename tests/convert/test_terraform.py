"""States and plans written after the published shapes: modules, count, for_each, unknown values, and secrets."""

import json
from typing import Any

import pytest

from tests.convert.conftest import Conversion, codes, specs, text

Json = dict[str, Any]
_ROLE = "arn:aws:iam::123456789012:role/sm"


def _resource(kind: str, name: str, values: Json, **more: Any) -> Json:
    index = more.get("index")
    address = f"aws_sagemaker_{kind}.{name}" + ("" if index is None else f"[{json.dumps(index)}]")
    return {
        "address": address,
        "mode": "managed",
        "type": f"aws_sagemaker_{kind}",
        "name": name,
        "values": values,
        **more,
    }


def _state(*resources: Json, modules: tuple[Json, ...] = ()) -> str:
    root = {"resources": list(resources), "child_modules": list(modules)}
    return json.dumps({"format_version": "1.0", "values": {"root_module": root}})


def _plan(resources: list[Json], expressions: dict[str, Json], variables: Json | None = None) -> str:
    configured = [
        {"type": each["type"], "name": each["name"], "expressions": expressions.get(each["name"], {})}
        for each in resources
    ]
    declared = {name: {"sensitive": name.startswith("secret")} for name in variables or {}}
    return json.dumps({
        "format_version": "1.2",
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": configured, "variables": declared}},
    })  # fmt: skip


MODEL = {
    "id": "fraud", "arn": "arn:aws:sagemaker:us-east-1:123456789012:model/fraud", "name": "fraud",
    "container": [],
    "execution_role_arn": _ROLE, "enable_network_isolation": False, "vpc_config": [], "tags": {"team": "risk"},
    "primary_container": [
        {"image": "x:1", "mode": "SingleModel", "model_data_url": "s3://b/k", "container_hostname": ""}
    ],
    "tags_all": {"team": "risk", "by": "default"},
}  # fmt: skip
VARIANT = {
    "variant_name": "main",
    "instance_type": "ml.m5.large",
    "initial_instance_count": 2,
    "volume_size_in_gb": 0,
}


def test_a_state_becomes_linked_documents(conversion: Conversion) -> None:
    """Names, ARNs and IDs of other resources are links; unset arguments are no members, default tags are tags."""
    config = {"id": "Fraud_1", "name": "Fraud_1", "production_variants": [{**VARIANT, "model_name": "fraud"}]}
    domain = {
        "id": "d-1",
        "domain_name": "Team",
        "retention_policy": [{"home_efs_file_system": "Delete"}],
        "url": "x",
    }
    user = {"id": "arn:x", "domain_id": "d-1", "user_profile_name": "ann"}
    made = conversion.state(_state(
        _resource("model", "fraud", MODEL), _resource("endpoint_configuration", "fraud", config),
        _resource("endpoint", "fraud", {"name": "fraud", "endpoint_config_name": "Fraud_1"}),
        _resource("domain", "team", domain), _resource("user_profile", "ann", user),
        _resource("device", "d", {}), {**_resource("model", "m", {}), "mode": "data"},
        {"type": "aws_s3_bucket", "mode": "managed"},
    ))  # fmt: skip
    found = specs(made)
    assert found["Endpoint/fraud"] == {"endpointConfigName": "fraud-1"}
    assert found["EndpointConfig/fraud-1"]["productionVariants"] == [
        {
            "variantName": "main",
            "modelName": "fraud",
            "initialInstanceCount": 2,
            "instanceType": "ml.m5.large",
        }
    ]
    assert found["Model/fraud"]["tags"] == {"by": "default", "team": "risk"}
    assert "enableNetworkIsolation" not in found["Model/fraud"]
    assert found["UserProfile/ann"]["domainId"] == "team"
    assert codes(made) == ["SG080"]


def test_changeable_names_keep_the_arn(conversion: Conversion) -> None:
    """With a name that may change, the resource is adopted by the ARN in the state."""
    made = conversion.state(_state(_resource("model", "fraud", MODEL)), adopt=True, changeable_names=True)
    (document,) = made.documents
    assert "modelName" not in document.spec
    assert document.policy == {"adopt": "IfUnowned", "arn": MODEL["arn"]}


def test_a_plan_links_what_is_not_known_yet(conversion: Conversion) -> None:
    """A reference with an unknown value is a link, to the instance with the same key; one to others is a variable."""
    models = [_resource("model", "m", {"name": f"m-{key}"}, index=key) for key in ("a", "b")]
    configs = [
        _resource("endpoint_configuration", "c", {"production_variants": [VARIANT]}, index=key)
        for key in ("a", "b")
    ]
    endpoint = _resource("endpoint", "e", {"name": "e"})
    made = conversion.state(_plan([*models, *configs, endpoint], {
        "m": {"execution_role_arn": {"references": ["aws_iam_role.sm.arn", "aws_iam_role.sm"]}},
        "c": {"production_variants": [{"model_name": {"references": ["aws_sagemaker_model.m", "each.key"]}}]},
        "e": {"endpoint_config_name": {"references": [
            'aws_sagemaker_endpoint_configuration.c["b"].name', 'aws_sagemaker_endpoint_configuration.c["b"]',
            "aws_sagemaker_endpoint_configuration.c"]}},
    }))  # fmt: skip
    found = specs(made)
    assert found["Model/m-a"]["executionRoleArn"] == "${var.aws_iam_role_sm_arn}"
    assert [found[f"EndpointConfig/c-{key}"]["productionVariants"][0]["modelName"] for key in "ab"] == [
        "m-a",
        "m-b",
    ]
    assert found["Endpoint/e"]["endpointConfigName"] == "c-b"
    assert made.variables == {"aws_iam_role_sm_arn": None}


def test_a_composed_unknown_is_listed(conversion: Conversion) -> None:
    """An expression of several references, or of an unknown instance, is a warning with its JSON path."""
    models = [_resource("model", "m", {}, index=i) for i in (0, 1)]
    endpoint = _resource("endpoint", "e", {"name": "e"})
    two = {"references": ["aws_sagemaker_model.m[0].name", "aws_sagemaker_endpoint.e.name"]}
    some = {"references": ["aws_sagemaker_model.m", "count.index"]}
    made = conversion.state(
        _plan([*models, endpoint], {"e": {"endpoint_config_name": two, "deployment": some}})
    )
    assert sorted(str(each.path[-1]) for each in made.findings if each.code.value == "SG082") == [
        "deployment",
        "endpoint_config_name",
    ]


def test_a_variable_stays_one_where_it_is_the_whole_value(conversion: Conversion) -> None:
    """A parameter that equals an argument is a variable with its value; inside a longer text the value is written."""
    group = _resource(
        "model_package_group",
        "g",
        {"model_package_group_name": "dev-g", "model_package_group_description": "dev"},
    )
    one = {"references": ["var.stage"]}
    made = conversion.state(_plan(
        [group], {"g": {"model_package_group_name": one, "model_package_group_description": one}}, {"stage": "dev"}
    ))  # fmt: skip
    assert specs(made)["ModelPackageGroup/dev-g"] == {"modelPackageGroupDescription": "${var.stage}"}
    assert made.variables == {"stage": "dev"}


def test_sensitive_values_are_not_shown(conversion: Conversion) -> None:
    """What the state marks as sensitive is a variable without a value, at every depth."""
    values = {
        **MODEL,
        "primary_container": [{"image": "x:1", "environment": {"TOKEN": "canary-9921", "A": "b"}}],
    }
    hidden = {"primary_container": [{"environment": {"TOKEN": True}}]}
    made = conversion.state(_state(_resource("model", "fraud", values, sensitive_values=hidden)))
    assert "canary-9921" not in text(made)
    assert specs(made)["Model/fraud"]["primaryContainer"]["environment"]["A"] == "b"
    assert list(made.variables.values()) == [None]


def test_modules_keep_their_references_apart(conversion: Conversion) -> None:
    """Two instances of a module have resources of the same names, each with its own references."""
    child = {
        "resources": [{"type": "aws_sagemaker_endpoint", "name": "e", "expressions": {
            "endpoint_config_name": {"references": ["aws_sagemaker_endpoint_configuration.c.name"]}}}],
    }  # fmt: skip
    modules = [
        {"address": f'module.serving["{key}.x"]', "resources": [
            _resource("endpoint_configuration", "c", {"production_variants": [VARIANT], "name": f"c-{key}"}),
            _resource("endpoint", "e", {"name": f"e-{key}"})]}
        for key in ("a", "b")
    ]  # fmt: skip
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": modules}},
        "configuration": {"root_module": {"module_calls": {"serving": {"module": child}}}},
    }
    found = specs(conversion.state(json.dumps(plan)))
    assert [found[f"Endpoint/e-{key}"]["endpointConfigName"] for key in "ab"] == ["c-a", "c-b"]


def test_scaling_is_one_document(conversion: Conversion) -> None:
    """A target of Application Auto Scaling has its policies and actions in it; a policy without a target is listed."""
    key = {"resource_id": "endpoint/fraud/variant/main", "service_namespace": "sagemaker", "scalable_dimension": "sagemaker:variant:DesiredInstanceCount"}  # fmt: skip  # noqa: E501
    step = {"metric_interval_lower_bound": "0", "scaling_adjustment": 1}
    values = [
        ("aws_appautoscaling_target", {**key, "min_capacity": 0, "max_capacity": 4, "id": "x"}),
        ("aws_appautoscaling_policy", {**key, "name": "p", "policy_type": "StepScaling", "step_scaling_policy_configuration": [{"step_adjustment": [step]}]}),  # noqa: E501
        ("aws_appautoscaling_scheduled_action", {**key, "name": "s", "schedule": "rate(1 hour)", "scalable_target_action": [{"min_capacity": 1}]}),  # noqa: E501
        ("aws_appautoscaling_policy", {**key, "name": "q", "resource_id": "endpoint/other/variant/main"}),
        ("aws_appautoscaling_target", {**key, "service_namespace": "ecs"}),
    ]  # fmt: skip
    resources = [
        {"mode": "managed", "type": kind, "name": f"r{i}", "values": each}
        for i, (kind, each) in enumerate(values)
    ]
    made = conversion.state(_state(*resources))
    (spec,) = specs(made).values()
    assert (spec["minCapacity"], spec["maxCapacity"]) == (0, 4)
    (policy,) = spec["scalingPolicies"]
    assert policy["policyName"] == "p"
    assert policy["stepScalingPolicyConfiguration"] == {
        "stepAdjustments": [{"metricIntervalLowerBound": 0, "scalingAdjustment": 1}]
    }
    assert [each["scheduledActionName"] for each in spec["scheduledActions"]] == ["s"]
    assert codes(made) == ["SG080"]


@pytest.mark.parametrize(
    "text_of_file",
    [
        "{}", "[]", '{"format_version": "2.0"}', '{"format_version": 1}',
        "[" * 300 + "]" * 300, "null", "x", '{"a": NaN}',
        '{"format_version": "1.0", "values": {"root_module": {"resources": 1, "child_modules": [1]}}}',
        '{"format_version": "1.0", "values": {"root_module": {"resources": [null, {"mode": "managed", "type": 1}]}}}',
    ],
)  # fmt: skip
def test_no_file_is_a_fault(conversion: Conversion, text_of_file: str) -> None:
    """Whatever a file contains, the conversion ends, without documents."""
    assert not conversion.state(text_of_file).documents


@pytest.mark.parametrize("value", [None, 1, True, "x", [], {}, [1], {"a": 1}, [[]], [{}], [None]])
@pytest.mark.parametrize(
    "member", ["name", "primary_container", "container", "tags", "tags_all", "vpc_config", "arn", "id"]
)
def test_no_value_of_an_argument_is_a_fault(conversion: Conversion, member: str, value: Any) -> None:
    """A resource with an argument of a wrong type still gives one document."""
    made = conversion.state(_state(_resource("model", "m", {**MODEL, member: value})))
    assert len(made.documents) == 1
