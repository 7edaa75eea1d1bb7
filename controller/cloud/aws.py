"""Calls through boto3. The SDK's own retries are off: ``pace.py`` and the next turn do better."""

import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import boto3
import botocore.exceptions
import botocore.session
from botocore.config import Config
from botocore.response import StreamingBody

from controller.cloud.answers import check_client, understood
from controller.cloud.attempt import attempting, guard_client
from controller.cloud.faults import classify, lasting
from controller.cloud.pace import Pace
from controller.cloud.role import assumed
from controller.core.cloud import Answered, Call, Cloud, CloudError, Fault, Identity, Json, malformed

_ELSEWHERE = frozenset({"s3"})  # another address of SageMaker has no buckets; AWS_ENDPOINT_URL_S3 moves them
_MODELLED = {"tagging": "resourcegroupstaggingapi"}
_TRIES = 6  # of one throttled call, before the turn gives it up to the next
_ARN_PARTS = 6
_FAILED_WITHIN = 500  # HTTP statuses from here on: RFC 9110, 15.6, Server Error
_AT_ONCE = 32  # calls, at the most that one turn makes: beyond that connections are dropped and made again
_CONFIG = Config(
    retries={"total_max_attempts": 2, "mode": "standard"},  # the second for a connection that broke
    connect_timeout=10,
    read_timeout=60,
    parameter_validation=False,  # the specs were checked against the same model
)

Attach = Callable[[botocore.session.Session], None]


class Aws:
    """A ``Cloud`` on a boto3 session."""

    def __init__(
        self, session: boto3.Session, endpoint_url: str | None = None, at_once: int = _AT_ONCE
    ) -> None:
        self._session: Any = session  # the stubs know each service by its literal name; ours is computed
        self._endpoint = endpoint_url
        self._config = _CONFIG.merge(Config(max_pool_connections=max(at_once, _AT_ONCE)))
        self._pace = Pace()
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    @cached_property
    def identity(self) -> Identity:
        """The account and region; asks ``sts:GetCallerIdentity`` once."""
        region = self._session.region_name
        if not region:
            raise CloudError(
                Fault.INVALID, "NoRegion", "no region: give --region or set AWS_REGION", "connect"
            )
        self._client(
            "sagemaker"
        )  # whoever asks this asks SageMaker next; loading its model takes longer than a call
        answer = self.call(Call("GetCallerIdentity", service="sts"))
        account, arn = str(answer.get("Account", "")), str(answer.get("Arn", "")).split(":")
        if not account or len(arn) < _ARN_PARTS:
            raise malformed("GetCallerIdentity", "it names no account")
        return Identity(account, region, arn[1])

    def call(self, call: Call) -> Json:
        """Make one call, again while AWS says that calls come too fast."""
        name = f"{call.service}:{call.operation}"
        for left in reversed(range(_TRIES)):
            self._pace.enter(name)
            try:
                answer = self._once(call)
            except CloudError as error:
                if error.fault is not Fault.THROTTLED:
                    raise
                self._pace.throttled(name)
                if not left:
                    raise
            else:
                self._pace.passed(name)
                return answer
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, call: Call) -> Json:
        began = time.monotonic()
        with attempting(call) as attempt:
            try:
                answer = self._answered(call)
            except botocore.exceptions.ClientError as error:
                told = error.response.get("Error", {})
                code, message = str(told.get("Code", "Unknown")), lasting(str(told.get("Message", error)))
                fault, may = classify(call.operation, code, message), _may_have_run(error.response)
                refusal = CloudError(fault, code, message, call.operation, ambiguous=may)
                _tell(call, error.response, began, refusal)
                raise refusal from error
            except botocore.exceptions.BotoCoreError as error:
                if attempt.refusal is not None:
                    raise attempt.refusal from error
                refusal = _unsent(error, call.operation)
                _tell(call, {}, began, refusal)
                raise refusal from error
            except CloudError as refusal:
                if refusal is not attempt.refusal:
                    _tell(call, {}, began, refusal)
                raise
        _tell(call, answer, began, None)
        answer.pop("ResponseMetadata", None)
        return answer

    def _answered(self, call: Call) -> Json:
        client = self._client(call.service)
        with understood(call.operation):
            answer: Json = client._make_api_call(call.operation, dict(call.params))  # noqa: SLF001 - the one computed name
            if isinstance(answer.get("Body"), StreamingBody):
                answer["Body"] = answer["Body"].read()
        return answer

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                at = None if service in _ELSEWHERE else self._endpoint
                client = self._session.client(
                    _MODELLED.get(service, service), endpoint_url=at, config=self._config
                )
                guard_client(client)
                check_client(client)
                self._clients[service] = client
            return self._clients[service]


def _may_have_run(answer: Any) -> bool:
    """Whether a refused request may have been carried out: AWS failed within, or refused only a second try."""
    about = answer.get("ResponseMetadata", {})
    return bool(about.get("RetryAttempts")) or int(about.get("HTTPStatusCode", 0)) >= _FAILED_WITHIN


def _tell(call: Call, answer: Any, began: float, refusal: CloudError | None) -> None:
    if call.hear:
        request = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        took = time.monotonic() - began
        code, fault = (refusal.code, refusal.fault) if refusal else ("", None)
        call.hear(Answered(call.service, call.operation, code, request, took, fault))


def _unsent(error: botocore.exceptions.BotoCoreError, operation: str) -> CloudError:
    code = type(error).__name__
    fault = Fault.DENIED if "Credential" in code else Fault.INVALID if "Region" in code else Fault.UNKNOWN
    return CloudError(fault, code, str(error), operation, ambiguous=fault is Fault.UNKNOWN)


def connect(
    *,
    region: str | None,
    profile: str | None = None,
    role_arn: str | None = None,
    external_id: str | None = None,
    endpoint_url: str | None = None,
    attach: Attach | None = None,
    at_once: int = _AT_ONCE,
) -> Cloud:
    """Open the door.

    Args:
        region: AWS region; None takes the environment's or the profile's.
        profile: a profile of the AWS configuration files.
        role_arn: a role to assume for all calls.
        external_id: the external id that the role's trust policy asks for.
        endpoint_url: another address for all services, such as a sandbox's.
        attach: given the botocore session before any client is made; the embedded sandbox comes in here,
            and then no credentials are needed.
        at_once: how many calls there are at the same time; as many connections are kept.

    Raises:
        CloudError: the profile is unknown, or the role can't be assumed.

    """
    try:
        core = botocore.session.Session(profile=profile)
        if attach:
            core.set_credentials("sandbox", "sandbox")
            attach(core)
        session = boto3.Session(botocore_session=core, region_name=region)
        if role_arn:
            session = assumed(Aws(session, endpoint_url), role_arn, external_id, session.region_name)
    except botocore.exceptions.BotoCoreError as error:
        raise _unsent(error, "connect") from error
    return Aws(session, endpoint_url, at_once)
