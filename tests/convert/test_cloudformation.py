"""Templates from the published schema: intrinsic functions, conditions, and hostile templates."""

import json

import pytest

from controller.convert.intrinsics import FUNCTIONS, LONGEST
from tests.convert.conftest import Conversion, codes, specs, text

_SERVING = """
Parameters:
  Stage: {Type: String, Default: dev}
  Count: {Type: Number, Default: 2}
  Secret: {Type: String, NoEcho: true, Default: canary-9921}
  Subnets: {Type: CommaDelimitedList, Default: "subnet-1, subnet-2"}
Mappings:
  Types: {dev: {it: ml.m5.large}, prod: {it: ml.m5.xlarge}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {}}
  Model:
    Type: AWS::SageMaker::Model
    DeletionPolicy: Retain
    Properties:
      ModelName: !Sub "fraud-${Stage}"
      ExecutionRoleArn: !GetAtt Role.Arn
      VpcConfig: {Subnets: !Ref Subnets, SecurityGroupIds: [sg-1]}
      PrimaryContainer:
        Image: !Sub ["${Account}.dkr.ecr.${AWS::Region}.amazonaws.com/x:${!literal}", {Account: "123456789012"}]
        ModelDataUrl: !Join ["/", ["s3:/", bucket, !Ref Stage, m.tar.gz]]
        Environment: {ONLY_PROD: !If [IsProd, a, !Ref AWS::NoValue], WHEN: !If [Either, b, c], S: !Ref Secret}
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
      - VariantName: main
        ModelName: !GetAtt [Model, ModelName]
        InitialInstanceCount: !Ref Count
        InstanceType: !FindInMap [Types, !Ref Stage, it]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: fraud, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  OnlyProd:
    Type: AWS::SageMaker::ModelPackageGroup
    Condition: Both
    Properties: {ModelPackageGroupName: never}
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 1
      MaxCapacity: "4"
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/main
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ServiceNamespace: sagemaker
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties: {PolicyName: load, PolicyType: TargetTrackingScaling, ScalingTargetId: !Ref Target}
  Table:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {ServiceNamespace: dynamodb}
"""


def test_a_template_becomes_linked_documents(conversion: Conversion) -> None:
    """Parameters are variables, attributes links, conditions and mappings decided, and a policy is in its target."""
    made = conversion.template(_SERVING)
    found = specs(made)
    assert sorted(found) == ["Endpoint/fraud", "EndpointConfig/config", "Model/model", "ScalingTarget/target"]
    assert found["Endpoint/fraud"] == {"endpointConfigName": "config"}
    assert found["EndpointConfig/config"]["productionVariants"] == [
        {
            "variantName": "main",
            "modelName": "model",
            "initialInstanceCount": "${var.Count}",
            "instanceType": "ml.m5.large",
        }
    ]
    model = found["Model/model"]
    assert model["modelName"] == "fraud-${var.Stage}"
    assert model["executionRoleArn"] == "${var.Role_Arn}"
    assert model["vpcConfig"] == {"subnets": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    image = "123456789012.dkr.ecr.${var.AWS_Region}.amazonaws.com/x:$${literal}"
    assert model["primaryContainer"] == {
        "image": image,
        "modelDataUrl": "s3://bucket/${var.Stage}/m.tar.gz",
        "environment": {"WHEN": "b", "S": "${var.Secret}"},
    }
    target = found["ScalingTarget/target"]
    assert (target["resourceId"], target["maxCapacity"]) == ("endpoint/fraud/variant/main", 4)
    assert target["scalingPolicies"] == [{"policyName": "load", "policyType": "TargetTrackingScaling"}]
    assert {
        "Stage": "dev",
        "Count": 2,
        "Role_Arn": None,
        "AWS_Region": None,
    }.items() <= made.variables.items()
    assert set(codes(made)) == {"SG083"}


def test_a_parameter_decides_conditions(conversion: Conversion) -> None:
    """The same template with another value of a parameter gives the documents of that environment."""
    found = specs(conversion.template(_SERVING, {"Stage": "prod"}))
    assert found["Model/model"]["primaryContainer"]["environment"]["ONLY_PROD"] == "a"
    assert found["EndpointConfig/config"]["productionVariants"][0]["instanceType"] == "ml.m5.xlarge"


def test_json_and_yaml_mean_the_same(conversion: Conversion) -> None:
    """The long forms of functions in JSON are equal to the tags of YAML."""
    body = {
        "ModelPackageGroupName": {"Fn::Sub": "a-${AWS::Partition}"},
        "Tags": [{"Key": "k", "Value": {"Ref": "P"}}],
    }
    resource = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": body}
    template = {"Parameters": {"P": {"Type": "String", "Default": "v"}}, "Resources": {"Group": resource}}
    in_yaml = """
Parameters: {P: {Type: String, Default: v}}
Resources:
  Group:
    Type: AWS::SageMaker::ModelPackageGroup
    Properties: {ModelPackageGroupName: !Sub "a-${AWS::Partition}", Tags: [{Key: k, Value: !Ref P}]}
"""
    made, other = conversion.template(json.dumps(template)), conversion.template(in_yaml)
    assert specs(made) == specs(other)
    assert specs(made)["ModelPackageGroup/group"]["tags"] == {"k": "${var.P}"}


def _template_with(value: str) -> str:
    """A template with a description of that value."""
    return f"""
Parameters: {{P: {{Type: String, Default: x}}, NoValue: {{Type: String}}}}
Conditions:
  A: !Condition B
  B: !Not [!Condition A]
  Open: !Equals [!Ref NoValue, x]
Resources:
  Role: {{Type: AWS::IAM::Role}}
  Group:
    Type: AWS::SageMaker::ModelPackageGroup
    Properties:
      ModelPackageGroupName: fraud
      ModelPackageGroupDescription: {value}
"""


@pytest.mark.parametrize(
    "value",
    [
        "!GetAZs us-east-1", "!Ref Nothing", "!GetAtt Nothing.Arn", "!Sub '${Nothing}'", "!Select [9, [a]]",
        "!Join [a]", "!Split [',', !Ref P]", "!FindInMap [A, b, c]", "!Base64 {Ref: P}", "{'Fn::Cidr': [a, b]}",
        "!Sub [a]", "!Ref [a]",
        "!GetAtt a", "!If [A]", "!If [None, a, b]", "!If [Open, a, b]", "!Join [',', {a: b}]", "!Join [',', [[a]]]",
        "!FindInMap [A, !GetAtt Group.Arn, c]", "{'Fn::Transform': {Name: X}}", "!Select [!Ref NoValue, [a]]",
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_is_listed_with_its_place(conversion: Conversion, value: str) -> None:
    """A function that only a stack can evaluate, or an invalid one, is a warning at its line; the rest is converted."""
    made = conversion.template(_template_with(value))
    finding = next(each for each in made.findings if each.code.value == "SG082")
    assert finding.origin is not None
    assert finding.origin.line in (13, 6)
    assert "ModelPackageGroup/fraud" in specs(made)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize(
    "argument", ["1", "null", "[]", "{}", "[1, 2]", "[[], {}, null]", "''", "[a, b, c, d]"]
)
def test_no_argument_of_a_function_is_a_fault(conversion: Conversion, name: str, argument: str) -> None:
    """Whatever arguments a function has, the conversion ends with documents and findings."""
    made = conversion.template(_template_with(f"{{'{name}': {argument}}}"))
    assert list(specs(made)) == ["ModelPackageGroup/fraud"]


def test_a_cycle_of_conditions_is_an_error(conversion: Conversion) -> None:
    """Conditions that depend on each other are shown as a cycle, and not followed."""
    made = conversion.template(_template_with("!If [A, a, b]"))
    assert "SG032" in codes(made)
    assert "A -> B -> A" in text(made)


def test_texts_that_grow_are_cut_off(conversion: Conversion) -> None:
    """Functions within functions that double a text at each level stop at the limit."""
    value = "x" * 1000
    for _ in range(18):
        value = f"!Sub ['${{a}}${{a}}', {{a: {value}}}]"
    made = conversion.template(_template_with(value))
    assert "SG082" in codes(made)
    assert len(text(made)) < LONGEST


def test_texts_of_all_functions_have_a_limit(conversion: Conversion) -> None:
    """Many texts that are each within the limit stop at the limit of the total."""
    value = "x" * 1000
    for _ in range(9):
        value = f"!Sub ['${{a}}${{a}}', {{a: {value}}}]"
    made = conversion.template(_template_with(f"[{', '.join([value] * 40)}]"))
    assert "SG082" in codes(made)


def test_aliases_and_other_tags_are_refused(conversion: Conversion) -> None:
    """A template is strict YAML: anchors, aliases and tags other than functions are errors with their line."""
    made = conversion.template(_template_with("!!python/object:os.system x").replace("fraud", "&a fraud"))
    assert {"SG004", "SG005"} <= set(codes(made))


def test_private_characters_are_refused(conversion: Conversion) -> None:
    """A file can't contain the characters that represent references during the conversion."""
    made = conversion.template(_template_with("'\ue0100\ue011arn\ue012'"))
    assert codes(made) == ["SG002"]
    assert not made.documents


def test_secrets_of_a_template_are_not_shown(conversion: Conversion) -> None:
    """Neither the default of a NoEcho parameter nor a dynamic reference is in a document."""
    made = conversion.template(_SERVING.replace("sg-1", "'{{resolve:ssm:canary-9921}}'"))
    assert "canary-9921" not in text(made)
    assert "Model_VpcConfig_SecurityGroupIds_0" in made.variables


def test_a_name_that_cloudformation_chose_is_reported_for_an_adoption(conversion: Conversion) -> None:
    """A resource without a name in the template has one that only the stack contains, so a finding reports it."""
    made = conversion.template(
        _template_with("x").replace("ModelPackageGroupName: fraud", "Tags: []"), adopt=True
    )
    assert "SG082" in codes(made)
    assert "name" in text(made)
