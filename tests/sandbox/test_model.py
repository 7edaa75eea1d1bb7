"""Secrets are not in the record of calls."""

import boto3
import botocore.session

from controller.aws.client import share_models
from controller.sandbox import Sandbox


def test_the_record_hides_what_the_model_calls_sensitive() -> None:
    """A client secret that was sent is in no record; the rest of the request is."""
    sandbox = Sandbox()
    core = botocore.session.Session()
    share_models(core)
    core.set_credentials("a", "b")
    sandbox.attach(core)
    client = boto3.Session(botocore_session=core, region_name="us-east-1").client("sagemaker")
    urls = {
        name: f"https://id.example.com/{name}"
        for name in (
            "Issuer",
            "AuthorizationEndpoint",
            "TokenEndpoint",
            "UserInfoEndpoint",
            "LogoutEndpoint",
            "JwksUri",
        )
    }
    client.create_workforce(
        WorkforceName="w", OidcConfig={"ClientId": "app", "ClientSecret": "canary", **urls}
    )
    (record,) = sandbox.calls
    assert "canary" not in repr(record)
    assert record.params["OidcConfig"]["ClientId"] == "app"
