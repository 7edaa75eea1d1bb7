"""Objects of ACK written after its definitions: references, spellings, annotations and lists."""

import pytest

from tests.convert.conftest import Conversion, codes, specs

_HEAD = "apiVersion: sagemaker.services.k8s.aws/v1alpha1\n"
_SERVING = f"""{_HEAD}kind: Model
metadata: {{name: fraud, namespace: ml, annotations: {{services.k8s.aws/deletion-policy: retain}}}}
spec:
  modelName: Fraud_1
  executionRoleARN: arn:aws:iam::123456789012:role/sm
  primaryContainer: {{image: "x:1", modelDataURL: "s3://b/k"}}
  vpcConfig: {{securityGroupIDs: [sg-1], subnets: [subnet-1]}}
  tags: [{{key: team, value: risk}}]
status: {{ackResourceMetadata: {{arn: "arn:aws:sagemaker:us-east-1:123456789012:model/fraud_1"}}}}
---
{_HEAD}kind: EndpointConfig
metadata: {{name: fraud, namespace: ml}}
spec:
  endpointConfigName: fraud
  kmsKeyID: key
  productionVariants:
  - {{variantName: main, modelRef: {{from: {{name: fraud}}}}, initialInstanceCount: 2, instanceType: ml.m5.large}}
---
{_HEAD}kind: Endpoint
metadata: {{name: fraud, namespace: ml}}
spec: {{endpointName: fraud, endpointConfigRef: {{from: {{name: fraud}}}}}}
"""


def test_objects_become_linked_documents(conversion: Conversion) -> None:
    """References are resolved to the kind of their field, and documents keep the names of objects."""
    made = conversion.objects(_SERVING)
    found = specs(made)
    assert found["Endpoint/ml/fraud"] == {"endpointConfigName": "fraud"}
    assert found["EndpointConfig/ml/fraud"]["productionVariants"][0]["modelName"] == "fraud"
    assert found["EndpointConfig/ml/fraud"]["kmsKeyId"] == "key"
    model = found["Model/ml/fraud"]
    assert model["modelName"] == "Fraud_1"
    assert model["vpcConfig"] == {"securityGroupIds": ["sg-1"], "subnets": ["subnet-1"]}
    assert model["tags"] == {"team": "risk"}
    assert codes(made) == []
    policies = {each.ref.kind: dict(each.policy) for each in made.documents}
    assert policies == {"Model": {"deletion": "Retain"}, "EndpointConfig": {}, "Endpoint": {}}


def test_a_changeable_name_keeps_the_arn_of_the_status(conversion: Conversion) -> None:
    """The ARN that ACK reported adopts the resource, where the document leaves the name out."""
    made = conversion.objects(_SERVING, changeable_names=True)
    by_kind = {each.ref.kind: each for each in made.documents}
    assert by_kind["Model"].policy["arn"].endswith("model/fraud_1")
    assert "arn" not in by_kind["EndpointConfig"].policy
    assert codes(made) == ["SG082"]  # the configuration, whose ARN no status holds


@pytest.mark.parametrize(
    ("annotation", "policy", "found"),
    [
        ("services.k8s.aws/adoption-policy: adopt-or-create", {"adopt": "IfUnowned"}, []),
        ("services.k8s.aws/adoption-policy: adopt", {"adopt": "IfUnowned"}, []),
        ("services.k8s.aws/adoption-fields: '{}'", {}, []),
        ("services.k8s.aws/deletion-policy: delete", {"deletion": "Delete"}, []),
        ("services.k8s.aws/read-only: 'true'", {"mode": "Plan"}, []),
        ("services.k8s.aws/read-only: 'false'", {}, []),
        ("services.k8s.aws/region: eu-west-1", {}, ["SG081"]),
        ("services.k8s.aws/deletion-policy: maybe", {}, ["SG081"]),
        ("example.com/other: x", {}, []),
    ],
)
def test_annotations_become_policy(
    conversion: Conversion, annotation: str, policy: dict[str, str], found: list[str]
) -> None:
    """Annotations with an equivalent are the document's policy, others of ACK are listed."""
    head = f"{_HEAD}kind: Endpoint\nmetadata:\n  name: fraud\n  annotations: {{{annotation}}}\n"
    made = conversion.objects(f"{head}spec: {{endpointName: fraud, endpointConfigName: c}}\n")
    assert dict(made.documents[0].policy) == policy
    assert codes(made) == found


def test_what_kubectl_prints_is_taken(conversion: Conversion) -> None:
    """A List is opened, and objects of other groups and broken ones are listed with their line."""
    items = [
        "{kind: Model}",
        "1",
        "{kind: FieldExport, apiVersion: services.k8s.aws/v1alpha1, metadata: {name: a}}",
    ]
    good = f"{{{_HEAD.strip()}, kind: Endpoint, metadata: {{name: e}}, spec: {{endpointName: e}}}}"
    made = conversion.objects(
        "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {each}\n" for each in (*items, good))
    )
    assert list(specs(made)) == ["Endpoint/e"]
    assert [each.origin.line for each in made.findings if each.origin] == [4, 5, 6]


def test_a_reference_to_nothing_is_listed(conversion: Conversion) -> None:
    """A reference to an object that is not in the files is a warning with its line."""
    made = conversion.objects(
        _SERVING.replace("modelRef: {from: {name: fraud}}", "modelRef: {from: {name: other}}")
    )
    assert codes(made) == ["SG082"]
    assert made.findings[0].origin is not None
    assert made.findings[0].origin.line == 1 + _SERVING[: _SERVING.index("modelRef")].count("\n")
