"""What commands print where AWS can't be reached or refuses the credentials: the reason, and what to do."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig

from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import SERVING

COMMANDS = (
    ("plan", "ml"),
    ("apply", "ml", "--yes"),
    ("destroy", "ml", "--yes"),
    ("status", "ml"),
    ("drift", "ml"),
    ("graph", "ml"),
    ("inventory", "list", "ml"),
    ("get", "endpoints"),
    ("search", "endpoints"),
    ("export", "--kind", "endpoint", "-o", "out"),
    ("doctor", "ml"),
)


@pytest.fixture
def tree(shell: Shell) -> Shell:
    """A shell with a tree of documents, and the sandbox as AWS."""
    shell.write("ml/serving.yaml", SERVING)
    return shell


@pytest.fixture
def buckets(sandbox: Sandbox) -> Iterator[None]:
    """An S3 without buckets; every other service is the sandbox."""
    del sandbox
    config: DefaultConfig = {
        "core": {
            "mock_credentials": False,
            "passthrough": {"urls": ["http://127.0.0.1.*"], "services": []},
            "reset_boto3_session": True,
            "service_whitelist": None,
        }
    }
    with mock_aws(config=config):
        yield


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("fault", "hint"), [(InjectedFault.EXPIRED, "sign in again"), (InjectedFault.SKEWED, "clock is wrong")]
)
def test_refused_credentials(
    tree: Shell, sandbox: Sandbox, command: tuple[str, ...], fault: InjectedFault, hint: str
) -> None:
    """Expired credentials and a wrong clock are reported with their remedy by each command, at the first call."""
    sandbox.inject(fault, times=None)
    ran = tree.run(*command)
    assert ran.code == 1
    assert hint in ran.out + ran.err
    assert len(sandbox.calls) == 1


def test_credentials_that_expire_in_a_run(tree: Shell, sandbox: Sandbox) -> None:
    """If the session expires between two calls, the run fails with AWS's reason, and changes nothing more."""
    sandbox.inject(InjectedFault.EXPIRED, operation="CreateModel", times=None)
    ran = tree.run("apply", "ml", "--yes")
    assert ran.code == 1
    assert "expired" in ran.out + ran.err
    assert not sandbox.resources()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_address_that_does_not_answer(bare_shell: Shell, command: tuple[str, ...]) -> None:
    """A missing response is not reported as a refusal; the hint names the network, the proxy and the Region."""
    bare_shell.write("ml/serving.yaml", SERVING)
    bare_shell.env |= {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    ran = bare_shell.run(*command)
    shown = ran.out + ran.err
    assert ran.code == 1
    assert "GetCallerIdentity got no answer: Could not connect" in shown
    assert "HTTPS_PROXY" in shown
    assert "AWS refused" not in shown


@pytest.mark.parametrize(("region", "guess"), [("eu-wst-1", " (did you mean 'eu-west-1'?)"), ("moon", "")])
def test_a_mistyped_region(bare_shell: Shell, region: str, guess: str) -> None:
    """A Region without a host that botocore does not list is reported, with the most similar known one."""
    bare_shell.env |= {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    ran = bare_shell.run("get", "endpoints", "--region", region)
    assert f"no Region '{region}' is known{guess}" in ran.err
    assert "sagectl.yaml" in ran.err


@pytest.mark.usefixtures("buckets")
def test_a_bucket_that_is_not_there(tree: Shell) -> None:
    """Commands that read the inventory recommend creating the bucket, and not rebuilding the inventory."""
    tree.env["AWS_ENDPOINT_URL_S3"] = "https://s3.us-east-1.amazonaws.com"
    for command in (("plan", "ml"), ("apply", "ml", "--yes"), ("doctor", "ml")):
        ran = tree.run(*command, "--inventory", "s3://nobody/ml.json")
        assert ran.code == 1
        shown = ran.out + ran.err
        assert "aws s3 mb" in shown
        assert "rebuild" not in shown


@pytest.mark.usefixtures("buckets")
def test_an_empty_inventory_in_s3_is_shared(tree: Shell) -> None:
    """Doctor advises a shared inventory for a file only."""
    import boto3

    tree.env["AWS_ENDPOINT_URL_S3"] = "https://s3.us-east-1.amazonaws.com"
    boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_bucket(Bucket="ours")
    assert "CI runner" in tree.run("doctor", "ml").out
    tree.write("ml/sagectl.yaml", "inventory: s3://ours/ml.json\n")
    ran = tree.run("doctor", "ml")
    assert "ok       inventory: set default: 0 entries\n" in ran.out


@pytest.mark.parametrize("narrowed", [("--name", "frad*"), ("--region", "eu-west-1"), ()])
def test_an_empty_export_names_region_and_account(shell: Shell, narrowed: tuple[str, ...]) -> None:
    """An empty export mostly has the wrong Region, account or name: the warning names them."""
    ran = shell.run("export", "--kind", "endpoint", "-o", "out", *narrowed)
    region = "eu-west-1" if "eu-west-1" in narrowed else "us-east-1"
    assert f"nothing matches in account 123456789012, {region}" in ran.err
