"""Whether a refused call may have been carried out all the same."""

from typing import Any

import botocore.exceptions
import botocore.session
import pytest

from controller.cloud import connect
from controller.core.cloud import Call, CloudError, Fault

TAKEN = "Cannot create already existing model"


def refused(status: int, retries: int) -> botocore.exceptions.ClientError:
    """A refusal after so many retries."""
    about: Any = {"HTTPStatusCode": status, "RetryAttempts": retries}
    told: Any = {"Error": {"Code": "ValidationException", "Message": TAKEN}, "ResponseMetadata": about}
    return botocore.exceptions.ClientError(told, "CreateModel")


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (refused(400, 0), False),
        (refused(400, 1), True),  # the first try broke off: it may be what took the name
        (refused(500, 0), True),
        (refused(503, 0), True),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="x"), True),
        (botocore.exceptions.ConnectionClosedError(endpoint_url="x"), True),
        (botocore.exceptions.NoCredentialsError(), False),
    ],
)
def test_only_a_definite_refusal_proves_that_nothing_was_done(error: Exception, *, ambiguous: bool) -> None:
    """A broken connection, a fault within AWS, and a refusal of a second try leave it open."""

    def attach(session: botocore.session.Session) -> None:
        def fail(**_: Any) -> None:
            raise error

        session.register("before-call.sagemaker.CreateModel", fail)

    with pytest.raises(CloudError) as caught:
        connect(region="us-east-1", attach=attach).call(Call("CreateModel", {"ModelName": "fraud"}))
    assert caught.value.ambiguous is ambiguous
    assert caught.value.fault is not Fault.MISSING
