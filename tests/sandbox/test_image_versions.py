"""ImageVersion in the sandbox: the ARN of a version has its image's name in lower case."""

from typing import Any

from controller.sandbox import Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, refusal


def test_an_image_is_named_in_either_case(sandbox: Sandbox, aws: Any) -> None:
    """Versions, aliases and changes are found by the image's name in lower case too; a second such image is none."""
    aws.create_image(ImageName="Lab", RoleArn=ROLE)
    assert refusal(aws.create_image, ImageName="lab", RoleArn=ROLE)[0] == "ResourceInUse"
    sandbox.clock.advance(1000)
    for number, name in enumerate(("Lab", "lab"), start=1):
        aws.create_image_version(ImageName=name, BaseImage=IMAGE, ClientToken=name, Aliases=[f"a{number}"])
        sandbox.clock.advance(1000)
    for name in ("Lab", "lab"):
        shown = aws.describe_image_version(ImageName=name)
        assert (shown["Version"], shown["ImageArn"].rsplit("/", 1)[-1]) == (2, "Lab")
        assert shown["ImageVersionArn"].endswith(":image-version/lab/2")
        assert aws.list_aliases(ImageName=name)["SageMakerImageVersionAliases"] == ["a1", "a2"]
        assert len(aws.list_image_versions(ImageName=name)["ImageVersions"]) == 2
    aws.update_image_version(ImageName="lab", Version=1, AliasesToAdd=["old"])
    assert aws.list_aliases(ImageName="Lab", Version=1)["SageMakerImageVersionAliases"] == ["a1", "old"]
    aws.delete_image_version(ImageName="lab", Version=2)
    sandbox.clock.advance(1000)
    assert aws.describe_image_version(ImageName="Lab")["Version"] == 1
