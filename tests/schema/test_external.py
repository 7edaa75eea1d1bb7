"""Members that name resources of other services, for the recorded model."""

import re
from collections.abc import Iterator

import pytest

from controller.kinds import KINDS
from controller.kinds.external import INSTANCES, MEMBERS, PREFIXES, SHAPES, External
from controller.schema.contract import contract
from controller.schema.external import external_names
from controller.schema.shape import Shape, member, shape

# Members that look like one of the five and are not, each with the reason.
_OTHER = {
    "ApplicationAutoScalingRegisterScalableTargetRequest.RoleARN",  # Application Auto Scaling assumes it
    "ModelPackageContainerDefinition.ImageDigest",  # a part of the image beside it
    "ClusterInstanceGroupSpecification.ImageId",  # an AMI
    "ClusterInstanceGroupSpecification.ImageReleaseVersion",
    "TrainingSpecification.TrainingImageDigest",
    "S3ModelDataSource.ManifestS3Uri",  # of the shape of S3Uri
}


def all_structures() -> Iterator[Shape]:
    """Every structure of a spec."""
    seen: set[str] = set()
    operations = [made for kind in KINDS for made in (contract(kind).creates, contract(kind).updates) if made]
    left = [shape(each.input) for each in operations]
    while left:
        here = left.pop()
        if here.name in seen:
            continue
        seen.add(here.name)
        left += [shape(name) for name in (*here.members.values(), here.element, here.value) if name]
        if here.type == "structure":
            yield here


def test_what_is_named_is_in_the_model() -> None:
    """Each line of the tables has its shape, structure and member in the model."""
    made = {each.name: each for each in all_structures()}
    used = {name for each in made.values() for name in each.members.values()}
    assert set(SHAPES) <= used
    for name in MEMBERS:
        structure, _, last = name.partition(".")
        assert last in made[structure].members, name
    for structure, quota in INSTANCES.items():
        assert {"InstanceType", *filter(None, [quota.count])} <= set(made[structure].members), structure
        with_spot = [each for each in made.values() if quota.spot in each.members]
        assert with_spot or not quota.spot
    beside = {name for each in made.values() for name in each.members}
    assert set(PREFIXES) <= beside


def test_no_role_image_or_alarm_is_left_out() -> None:
    """A string member named like a role's ARN, an image or an alarm is in the tables, or listed here."""
    pattern = re.compile(r"(Role|RoleA[Rr][Nn]|Image|ImageUri|AlarmName|ModelDataUrl)$")
    for structure in all_structures():
        for name, of in structure.members.items():
            full = f"{structure.name}.{name}"
            if shape(of).type == "string" and not shape(of).enum and pattern.search(name):
                assert of in SHAPES or full in MEMBERS or full in _OTHER, full


@pytest.mark.parametrize(
    ("kind", "spec", "found"),
    [
        (
            "Endpoint",
            {"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}},
            [(External.ALARM, "a", False)],
        ),
        (
            "Model",
            {
                "ExecutionRoleArn": "arn:r",
                "Containers": [
                    {"Image": "i", "ModelDataUrl": "s3://b/k", "Mode": "MultiModel"},
                    {"ModelDataSource": {"S3DataSource": {"S3Uri": "s3://b/l", "S3DataType": "S3Object"}}},
                    {"ModelDataUrl": "s3://b/p/"},
                ],
            },
            [
                (External.ROLE, "arn:r", False),
                (External.IMAGE, "i", False),
                (External.OBJECT, "s3://b/k", True),
                (External.OBJECT, "s3://b/l", False),
                (External.OBJECT, "s3://b/p/", True),
            ],
        ),
        ("Domain", {"DefaultUserSettings": {"ExecutionRole": "arn:r"}}, [(External.ROLE, "arn:r", False)]),
        ("Model", {"ExecutionRoleArn": object(), "PrimaryContainer": {"Image": ""}, "Unknown": "x"}, []),
    ],
)
def test_names_are_found_where_they_stand(
    kind: str, spec: dict[str, object], found: list[tuple[External, str, bool]]
) -> None:
    """Each with its type and whether it is a prefix; an unknown value is left out."""
    names = list(external_names(spec, shape(contract(kind).creates.input)))
    assert [(each.of, each.value, each.prefix) for each in names] == found
    for each in names:
        here = shape(contract(kind).creates.input)
        for part in each.path:
            here = shape(here.element) if isinstance(part, int) else member(here, part) or here
        assert here.type == "string"


@pytest.mark.parametrize(
    ("kind", "spec", "usage", "count"),
    [
        (
            "EndpointConfig",
            {"ProductionVariants": [{"InstanceType": "ml.x", "InitialInstanceCount": 3}]},
            "endpoint usage",
            3,
        ),
        (
            "TrainingJob",
            {"ResourceConfig": {"InstanceType": "ml.x", "InstanceCount": 2}},
            "training job usage",
            2,
        ),
        (
            "TrainingJob",
            {
                "EnableManagedSpotTraining": True,
                "ResourceConfig": {"InstanceType": "ml.x", "InstanceCount": 2},
            },
            "spot training job usage",
            2,
        ),
        ("NotebookInstance", {"InstanceType": "ml.x"}, "notebook instance usage", 1),
    ],
)
def test_instances_have_the_name_of_their_quota(
    kind: str, spec: dict[str, object], usage: str, count: int
) -> None:
    """The usage is that of the structure, Spot instances have their own, and a missing count is one."""
    (found,) = external_names(spec, shape(contract(kind).creates.input))
    assert (found.of, found.value, found.usage, found.count) == (External.INSTANCE, "ml.x", usage, count)
