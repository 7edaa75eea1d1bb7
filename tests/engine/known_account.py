"""An account in which every document's resource has the document's name."""

from collections.abc import Mapping
from typing import Any

from controller.core.cloud import Identity
from controller.core.ref import Ref
from controller.manifests.resolve import Resolved
from controller.schema.contract import KEY_GAP, contract

HOME = Identity("111111111111", "eu-west-1")


def arn(ref: Ref, account: str = HOME.account) -> str:
    """The ARN that a document's resource would have in an account."""
    path = contract(ref.kind).arns[0].replace("{}", ref.name)
    return f"arn:aws:sagemaker:{HOME.region}:{account}:{path}"


class Everything:
    """The input of ``resolve`` for an account that has every resource and an empty inventory."""

    identity = HOME

    def generation(self, resolved: Resolved) -> None:
        """No generation was created before."""

    def identifier(self, ref: Ref) -> str:
        """The document's name, or a written key in which every member is that name."""
        return KEY_GAP.join(ref.name for _ in contract(ref.kind).kind.identity.key or (ref.name,))

    def body(self, ref: Ref) -> Mapping[str, Any]:
        """The identifiers that links read."""
        return {
            contract(ref.kind).name_member: ref.name,
            contract(ref.kind).arn_member: arn(ref),
            f"{ref.kind}Id": "d-1",
            "ModelArtifacts": {"S3ModelArtifacts": "s3://b/m"},
        }

    def outputs(self, ref: Ref) -> Mapping[str, Any]:
        """The identifiers that output references read."""
        return self.body(ref)

    def undeclared_body(self, kind: str, text: str) -> None:
        """Nothing is read."""
