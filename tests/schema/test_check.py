"""Offline checks of specs."""

from typing import Any

import pytest

from controller.core.finding import Code
from controller.schema.check import Violation, check, check_name
from controller.schema.contract import contract
from controller.schema.explain import explain

ROLE = "arn:aws:iam::123456789012:role/ml"
CANARY = "canary-3f9c"


def check_spec(kind: str, spec: dict[str, Any]) -> tuple[Violation, ...]:
    """Check a spec; texts that start with a reference are known later."""
    return check(spec, contract(kind), defers=lambda text: text.startswith("${"))


def codes_and_paths(kind: str, spec: dict[str, Any]) -> list[tuple[Code, Any]]:
    """Codes and paths only."""
    return [(problem.code, problem.path) for problem in check_spec(kind, spec)]


def endpoint_config(**members: Any) -> dict[str, Any]:
    """A valid endpoint configuration with further members in its variant."""
    variant = {
        "variantName": "main",
        "modelName": "fraud",
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 1,
    }
    return {"productionVariants": [{**variant, **members}]}


VARIANT = ("productionVariants", 0)
OIDC = {
    "clientId": "x",
    **dict.fromkeys(
        ("issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint", "logoutEndpoint", "jwksUri"),
        "https://a.example",
    ),
}

GOOD: list[tuple[str, dict[str, Any]]] = [
    (
        "EndpointConfig",
        endpoint_config(initialInstanceCount=1, initialVariantWeight=1, instanceType="ml.m5.large"),
    ),
    ("EndpointConfig", endpoint_config(initialVariantWeight=0.5, modelName="ml/Fraud_model")),
    ("EndpointConfig", endpoint_config(instanceType="${Model/a.b}", initialInstanceCount="${Model/a.b}")),
    (
        "Model",
        {
            "executionRoleArn": ROLE,
            "primaryContainer": {"image": "fraud:1", "environment": {"Any_Key": "x"}},
            "tags": {"é": "ü 1"},
        },
    ),
    ("Pipeline", {"roleArn": ROLE, "pipelineDefinition": '{"Version": "2020-12-01", "Steps": []}'}),
    (
        "Pipeline",
        {"roleArn": ROLE, "pipelineDefinition": {"Version": "2020-12-01", "Steps": [], "Metadata": None}},
    ),
    ("Workforce", {"oidcConfig": {**OIDC, "clientSecret": {"valueFrom": {"env": "S"}}}}),
    ("Workforce", {"oidcConfig": {**OIDC, "clientSecret": {"valueFrom": {"file": "s"}}}}),
    (
        "Workforce",
        {"oidcConfig": {**OIDC, "clientSecret": {"valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}}},
    ),
    ("Workforce", {"cognitoConfig": {"userPool": "us_1", "clientId": "x"}, "workforceVpcConfig": {}}),
    ("ModelPackageGroup", {}),
    ("ModelPackageGroup", {"modelPackageGroupDescription": None, "tags": {f"k{n}": "" for n in range(46)}}),
    ("ModelPackage", {"modelPackageGroupName": "g", "customerMetadataProperties": {"a b": "c"}}),
]


@pytest.mark.parametrize(("kind", "spec"), GOOD)
def test_a_good_spec_has_no_trouble(kind: str, spec: dict[str, Any]) -> None:
    """A spec that the service accepts has no finding."""
    assert check_spec(kind, spec) == ()


BAD: list[tuple[str, dict[str, Any], Code, Any]] = [
    ("EndpointConfig", {}, Code.REQUIRED, ("productionVariants",)),
    ("EndpointConfig", {"productionVariants": None}, Code.REQUIRED, ("productionVariants",)),
    ("EndpointConfig", {"productionVariants": []}, Code.RANGE, ("productionVariants",)),
    ("EndpointConfig", endpoint_config(modelNam="x"), Code.UNKNOWN_FIELD, (*VARIANT, "modelNam")),
    ("EndpointConfig", endpoint_config(ModelName="x"), Code.UNKNOWN_FIELD, (*VARIANT, "ModelName")),
    (
        "EndpointConfig",
        endpoint_config(initialInstanceCount=True),
        Code.TYPE,
        (*VARIANT, "initialInstanceCount"),
    ),
    (
        "EndpointConfig",
        endpoint_config(initialInstanceCount=2.0),
        Code.TYPE,
        (*VARIANT, "initialInstanceCount"),
    ),
    (
        "EndpointConfig",
        endpoint_config(initialInstanceCount="2"),
        Code.TYPE,
        (*VARIANT, "initialInstanceCount"),
    ),
    (
        "EndpointConfig",
        endpoint_config(initialInstanceCount=0),
        Code.RANGE,
        (*VARIANT, "initialInstanceCount"),
    ),
    (
        "EndpointConfig",
        endpoint_config(initialVariantWeight=float("nan")),
        Code.TYPE,
        (*VARIANT, "initialVariantWeight"),
    ),
    ("EndpointConfig", endpoint_config(volumeSizeInGB=513), Code.RANGE, (*VARIANT, "volumeSizeInGB")),
    ("EndpointConfig", endpoint_config(instanceType="ml.m5.larg"), Code.ENUM, (*VARIANT, "instanceType")),
    ("EndpointConfig", endpoint_config(variantName="a_b"), Code.PATTERN, (*VARIANT, "variantName")),
    ("EndpointConfig", endpoint_config(variantName="ab\n"), Code.PATTERN, (*VARIANT, "variantName")),
    ("EndpointConfig", endpoint_config(variantName=5), Code.TYPE, (*VARIANT, "variantName")),
    ("EndpointConfig", endpoint_config(modelName=" "), Code.RANGE, (*VARIANT, "modelName")),
    ("EndpointConfig", endpoint_config(modelName="x" * 2049), Code.RANGE, (*VARIANT, "modelName")),
    ("EndpointConfig", endpoint_config(modelName=1), Code.TYPE, (*VARIANT, "modelName")),
    ("EndpointConfig", {"productionVariants": [None]}, Code.TYPE, VARIANT),
    ("EndpointConfig", {"productionVariants": {"a": 1}}, Code.TYPE, ("productionVariants",)),
    (
        "Model",
        {"primaryContainer": {"environment": {"A": None}}},
        Code.TYPE,
        ("primaryContainer", "environment", "A"),
    ),
    (
        "Model",
        {"primaryContainer": {"environment": {"A": 1}}},
        Code.TYPE,
        ("primaryContainer", "environment", "A"),
    ),
    (
        "Model",
        {"primaryContainer": {"environment": {"1-A": ""}}},
        Code.PATTERN,
        ("primaryContainer", "environment", "1-A"),
    ),
    (
        "Model",
        {"primaryContainer": {"image": "a"}, "containers": [{"image": "b"}]},
        Code.RULE,
        ("containers",),
    ),
    ("Model", {"tags": [{"Key": "a", "Value": "b"}]}, Code.TYPE, ("tags",)),
    ("Model", {"tags": {"a": 1}}, Code.TYPE, ("tags", "a")),
    ("Model", {"tags": {"aws:a": "1"}}, Code.RULE, ("tags", "aws:a")),
    (
        "Model",
        {"tags": {"sagemaker.gitops.dev/owner": "1"}},
        Code.RULE,
        ("tags", "sagemaker.gitops.dev/owner"),
    ),
    ("Model", {"tags": {"a": "#"}}, Code.PATTERN, ("tags", "a")),
    ("Model", {"tags": {"a" * 129: ""}}, Code.RANGE, ("tags", "a" * 129)),
    ("Model", {"tags": {f"k{n}": "" for n in range(47)}}, Code.RANGE, ("tags",)),
    ("Pipeline", {"roleArn": ROLE}, Code.RULE, ()),
    ("Pipeline", {"roleArn": ROLE, "pipelineDefinition": "{"}, Code.BAD_JSON, ("pipelineDefinition",)),
    ("Pipeline", {"roleArn": ROLE, "pipelineDefinition": "NaN"}, Code.BAD_JSON, ("pipelineDefinition",)),
    (
        "Pipeline",
        {"roleArn": ROLE, "pipelineDefinition": "[" * 99_999},
        Code.BAD_JSON,
        ("pipelineDefinition",),
    ),
    ("Pipeline", {"roleArn": ROLE, "pipelineDefinition": [1]}, Code.TYPE, ("pipelineDefinition",)),
    (
        "Pipeline",
        {"roleArn": ROLE, "pipelineDefinition": "{}", "clientRequestToken": "x" * 40},
        Code.UNKNOWN_FIELD,
        ("clientRequestToken",),
    ),
    ("ModelPackage", {"modelPackageGroupName": "g", "tags": {"a": "b"}}, Code.RULE, ("tags",)),
    (
        "ModelPackage",
        {"modelPackageGroupName": "g", "modelPackageName": "n"},
        Code.RULE,
        ("modelPackageName",),
    ),
    ("Workforce", {"workforceName": "-"}, Code.PATTERN, ("workforceName",)),
]


@pytest.mark.parametrize(("kind", "spec", "code", "path"), BAD)
def test_a_bad_spec_is_told_at_its_path(kind: str, spec: dict[str, Any], code: Code, path: Any) -> None:
    """Each violation has its code and its path."""
    assert (code, path) in codes_and_paths(kind, spec)


def test_one_mistake_is_told_once() -> None:
    """A single wrong value has a single finding."""
    assert codes_and_paths("EndpointConfig", endpoint_config(instanceType="ml.m5.larg")) == [
        (Code.ENUM, (*VARIANT, "instanceType"))
    ]


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (CANARY, Code.LITERAL_SECRET),
        (5, Code.LITERAL_SECRET),
        ("${Model/a.b}", Code.LITERAL_SECRET),
        ({"valueFrom": {"env": ""}}, Code.BAD_SECRET),
        ({"valueFrom": {"env": "A", "file": CANARY}}, Code.BAD_SECRET),
        ({"valueFrom": {"literal": CANARY}}, Code.BAD_SECRET),
        ({"value": CANARY}, Code.BAD_SECRET),
        ({"valueFrom": {"secretKeyRef": {"name": "a"}}}, Code.BAD_SECRET),
    ],
)
def test_a_secret_must_be_a_reference_and_is_never_shown(secret: Any, code: Code) -> None:
    """A literal or malformed secret is refused without showing it."""
    (problem,) = check_spec("Workforce", {"oidcConfig": {**OIDC, "clientSecret": secret}})
    assert (problem.code, problem.path) == (code, ("oidcConfig", "clientSecret"))
    assert CANARY not in repr(problem)


@pytest.mark.parametrize("member", ["name", "key"])
@pytest.mark.parametrize(
    "written",
    ["../../victim/secrets/db", "..", "%2e%2e", "a/b", "a?b", "a b", "a\n", "ä", "a" * 254, CANARY + "/"],
)
def test_a_secret_is_named_as_kubernetes_names_one(member: str, written: str) -> None:
    """An invalid name or key of a Secret is reported with its position, and not shown."""
    fields = {"name": "sign-in", "key": "client", member: written}
    secret = {"valueFrom": {"secretKeyRef": fields}}
    (problem,) = check_spec("Workforce", {"oidcConfig": {**OIDC, "clientSecret": secret}})
    where = ("oidcConfig", "clientSecret", "valueFrom", "secretKeyRef", member)
    assert (problem.code, problem.path) == (Code.BAD_SECRET, where)
    assert written not in f"{problem.message} {problem.hint}" or len(written) < 3


def test_names_that_kubernetes_takes_are_taken() -> None:
    """A Secret's name may have dots and digits, its key also capitals and underscores."""
    for name, key in (
        ("sign-in", "client"),
        ("a.b-1.c", "Client_Secret.2"),
        ("0", ".netrc"),
        ("a" * 253, "k" * 253),
    ):
        secret = {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
        assert check_spec("Workforce", {"oidcConfig": {**OIDC, "clientSecret": secret}}) == ()


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Model", {"primaryContainer": {"environment": {"A": CANARY * 1000}}}),
        ("Model", {"tags": {"a": f"{CANARY}#"}}),
        ("ModelPackage", {"customerMetadataProperties": {"a": f"{CANARY}#"}}),
        ("ModelPackage", {"modelCard": {"modelCardContent": f"{{{CANARY}"}}),
    ],
)
def test_values_that_may_be_secret_are_not_shown(kind: str, spec: dict[str, Any]) -> None:
    """Values of maps with free keys, and of sensitive fields, are not in messages."""
    lines = check_spec(kind, spec)
    assert lines
    assert CANARY not in repr(lines)


def test_long_values_are_shortened() -> None:
    """A message shows at most sixty characters of a value."""
    (problem,) = check_spec("EndpointConfig", endpoint_config(instanceType="x" * 500))
    assert "x" * 61 not in problem.message


def test_an_enum_lists_few_choices_and_the_nearest_of_many() -> None:
    """The finding of a mistyped choice lists helpful choices."""
    (near,) = check_spec("EndpointConfig", endpoint_config(instanceType="ml.m5.larg"))
    assert "ml.m5.large" in near.hint
    (few,) = check_spec(
        "Workforce", {"cognitoConfig": {"userPool": "u_1", "clientId": "x"}, "ipAddressType": "IPv4"}
    )
    assert few.hint == "one of ipv4, dualstack"


def test_a_misspelled_field_is_guessed() -> None:
    """The finding of an unknown field names the most similar one, and AWS's own spelling is recognised."""
    (guess,) = check_spec("EndpointConfig", endpoint_config(modelNam="x"))
    assert guess.hint == "did you mean 'modelName'?"
    (aws,) = check_spec("EndpointConfig", endpoint_config(ModelName="x"))
    assert "'modelName'" in aws.hint


@pytest.mark.parametrize(
    ("kind", "name", "spec", "codes"),
    [
        ("Endpoint", "a" * 63, {}, []),
        ("Endpoint", "a" * 64, {}, [Code.RANGE]),
        ("Endpoint", "a.b", {}, [Code.PATTERN]),
        ("Endpoint", "a.b", {"endpointName": "ab"}, []),
        ("Model", "a" * 52, {}, []),
        ("Model", "a" * 53, {}, [Code.RANGE]),
        ("Model", "a" * 53, {"modelName": "x"}, []),
        ("ModelPackage", "a.b", {"modelPackageGroupName": "g"}, []),
        ("ModelPackage", "a.b", {}, [Code.PATTERN]),
    ],
)
def test_the_documents_name_must_do_as_the_name_in_aws(
    kind: str, name: str, spec: dict[str, Any], codes: list[Code]
) -> None:
    """If metadata.name becomes the AWS name it must fit, with space for a generation's hash."""
    assert [problem.code for problem in check_name(name, spec, contract(kind))] == codes


def test_a_name_may_be_left_out_of_the_spec() -> None:
    """The name member, which the model requires, is optional in documents."""
    assert codes_and_paths("Endpoint", {"endpointConfigName": "c"}) == []


def test_what_only_the_service_writes_is_a_finding() -> None:
    """A member of Create's input that only the service can write is refused, and left out by explain."""
    kind_contract = contract("FeatureGroup")
    spec = {"offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://b", "resolvedOutputS3Uri": "s3://b/x"}}}
    found = [each for each in check_spec("FeatureGroup", spec) if each.path[-1] == "resolvedOutputS3Uri"]
    assert [(each.code, each.hint) for each in found] == [(Code.UNKNOWN_FIELD, "leave it out")]
    members = explain(kind_contract, ("offlineStoreConfig", "s3StorageConfig")).members
    assert "resolvedOutputS3Uri" not in {each.path.rsplit(".", 1)[-1] for each in members}
