"""Calls through boto3: sessions, assumed roles, and retries within the rate limits.

A session reads and parses the service model, several megabytes of JSON, for its first client, which takes 0.15 s and
the memory for each assumed role. A loader caches what it has read, so all sessions share one.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.response import StreamingBody

from controller.aws.attempt import UNANSWERED, UNKNOWN, Attempt, guard_client, track_attempt
from controller.aws.rate_limit import RateLimiter, RateLimiters, rate_limiters
from controller.aws.rate_quotas import request_rates
from controller.aws.responses import check_client, classify, parsing_errors, stable_message
from controller.core.cloud import (
    CONCURRENT_CALLS,
    Call,
    Cloud,
    CloudError,
    Fault,
    Identity,
    Json,
    ResponseRecord,
    UnsentCallError,
    malformed_response,
    next_page,
)
from controller.core.did_you_mean import did_you_mean

_MODELS = str(Path(__file__).with_name("models"))


@cache
def _loader(data_path: str | None, *, whole: bool) -> Any:
    loader = botocore.loaders.create_loader(data_path)
    if not whole:  # after the folders of the user, before botocore's own
        loader.search_paths.insert(-1, _MODELS)
    return loader


def share_models(session: botocore.session.Session, *, whole: bool = True) -> None:
    """Give a session the loader of its ``data_path`` (AWS_DATA_PATH) before a client is made.

    With ``whole`` botocore's complete model of SageMaker is used; without it a copy that has only the operations of the
    kinds.

    Raises:
        botocore.exceptions.BotoCoreError: the session's profile is unknown.

    """
    loader = _loader(session.get_config_variable("data_path"), whole=whole)
    session.register_component("data_loader", loader)


def assume_role(cloud: Cloud, role_arn: str, external_id: str | None, region: str | None) -> boto3.Session:
    """A session under a role.

    Args:
        cloud: the identity that assumes it, used again for each renewal.
        role_arn: the role.
        external_id: the external id that the role's trust policy requests.
        region: where the session's calls go.

    Raises:
        CloudError: the role can't be assumed.

    """
    extra = {"ExternalId": external_id} if external_id else {}
    call = Call("AssumeRole", {"RoleArn": role_arn, "RoleSessionName": "sagectl", **extra}, service="sts")

    def fresh() -> dict[str, Any]:
        given = cloud.call(call)["Credentials"]
        until = given["Expiration"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": until.isoformat() if isinstance(until, datetime) else str(until),
        }

    held: Any = botocore.session.Session()
    share_models(held, whole=False)
    # botocore has no other way to set custom credentials that renew themselves (botocore/session.py)
    held._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 - see above
        metadata=fresh(), refresh_using=fresh, method="sts-assume-role"
    )
    return boto3.Session(botocore_session=held, region_name=region)


# A custom endpoint of SageMaker serves no buckets and no queues; AWS_ENDPOINT_URL_S3 and _SQS set those.
_ELSEWHERE = frozenset({"s3", "sqs"})
_MODELLED = {"tagging": "resourcegroupstaggingapi"}
_PAGE = 100  # quotas: the most that ListServiceQuotas returns at once
_TRIES = 6  # attempts of a throttled call in one pass; the next pass makes it again
_ARN_PARTS = 6
_RATE = "ThrottlingException", "Rate exceeded"  # AWS's, for a call that is not sent
_PASSING = frozenset({500, 502, 503, 504})  # the status codes that botocore's standard mode retries
_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},  # botocore would sleep before a retry
    connect_timeout=10,
    read_timeout=60,
    parameter_validation=False,  # the specs were checked against the same model
)

Attach = Callable[[botocore.session.Session], None]


class Aws:
    """A ``Cloud`` on a boto3 session."""

    def __init__(
        self,
        session: boto3.Session,
        endpoint_url: str | None = None,
        at_once: int = CONCURRENT_CALLS,
        limiters: RateLimiters | None = None,
    ) -> None:
        self._session: Any = session  # the stubs are typed by literal service names; this name is computed
        self._endpoint = endpoint_url
        self._config = _CONFIG.merge(Config(max_pool_connections=max(at_once, CONCURRENT_CALLS)))
        self._limiters = limiters or RateLimiters()
        self._unidentified = self._limiters.new_limiter()
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._identity: Identity | None = None

    @property
    def identity(self) -> Identity:
        """The account and region; calls ``sts:GetCallerIdentity`` until it succeeded once.

        No lock is held: with one, all threads would wait one after the other while STS does not answer.
        """
        if self._identity is None:
            self._identity = self._read_identity()
        return self._identity

    def _read_identity(self) -> Identity:
        region = self._session.region_name
        if not region:
            raise CloudError(
                Fault.INVALID, "NoRegion", "no region: give --region or set AWS_REGION", "connect"
            )
        self._client("sagemaker")  # the next call is SageMaker's; loading its model takes longer than a call
        try:
            answer = self.call(Call("GetCallerIdentity", service="sts"))
        except CloudError as error:
            if error.code == "EndpointConnectionError" and (wrong := self._region_hint(region)):
                raise CloudError(Fault.INVALID, "UnknownRegion", wrong, "connect") from error
            raise
        account, arn = str(answer.get("Account", "")), str(answer.get("Arn", "")).split(":")
        if not account or len(arn) < _ARN_PARTS:
            raise malformed_response("GetCallerIdentity", "it names no account")
        return Identity(account, region, arn[1])

    def _region_hint(self, region: str) -> str:
        """The hint at a mistyped region, for an endpoint without an address, unless botocore lists the region."""
        known = {
            each
            for partition in self._session.get_available_partitions()
            for each in self._session.get_available_regions("sts", partition)
        }
        guess = did_you_mean(region, known)
        return "" if region in known else f"no Region {region!r} is known{guess and f' ({guess})'}"

    def call(self, call: Call) -> Json:
        """Make one call; if it has no ``caller``, wait and retry while AWS throttles it."""
        if call.caller:
            return self._call_at_rate(call)
        ambiguous = False
        for left in reversed(range(_TRIES)):
            self._limiter.enter(_name(call))
            try:
                return self._attempt_call(call)
            except CloudError as error:
                error.ambiguous = ambiguous = error.ambiguous or ambiguous
                if error.fault is not Fault.THROTTLED or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    @property
    def _limiter(self) -> RateLimiter:
        return self._limiters.of(self._identity) if self._identity else self._unidentified

    def _call_at_rate(self, call: Call) -> Json:
        """Make a call if its operation's rate permits it now."""
        after = self._limiter.take(_name(call), call.caller)
        if after > 0:
            raise UnsentCallError(Fault.THROTTLED, _RATE[0], _RATE[1], call.operation, after)
        return self._attempt_call(call)

    def _attempt_call(self, call: Call) -> Json:
        limiter, sent = self._limiter, time.monotonic()
        try:
            answer = self._call_once(call)
        except CloudError as error:
            if error.fault is Fault.THROTTLED:
                error.retry_after = limiter.on_throttled(_name(call), call.caller, sent)
                self._learn_quotas(limiter, call)
            elif error.fault not in (Fault.UNKNOWN, Fault.UNANSWERED) and not isinstance(
                error, UnsentCallError
            ):
                limiter.on_accepted(_name(call))  # refused for another reason than its rate
            raise
        limiter.on_accepted(_name(call))
        return answer

    def _learn_quotas(self, limiter: RateLimiter, throttled: Call) -> None:
        """Read the account's request rates once; if they can't be read, rates are derived from throttled calls."""
        if throttled.service != "sagemaker" or self._identity is None or not limiter.begin_quota_read():
            return
        quotas, tokens = list[Any](), set[str]()
        params = {"ServiceCode": "sagemaker", "MaxResults": _PAGE}
        try:
            while True:
                answer = self._call_once(
                    Call("ListServiceQuotas", params, "service-quotas", listener=throttled.listener)
                )
                quotas += answer.get("Quotas") or []
                if (token := next_page("ListServiceQuotas", answer, tokens)) is None:
                    break
                params = {**params, "NextToken": token}
        except CloudError:
            return
        operations = self._client("sagemaker").meta.service_model.operation_names
        limiter.set_quotas(request_rates(quotas, operations))

    def _call_once(self, call: Call) -> Json:
        began = time.monotonic()
        with track_attempt(call) as attempt:
            try:
                answer = self._send_with_retries(call, attempt)
            except botocore.exceptions.ClientError as error:
                value = error.response.get("Error", {})
                code = str(value.get("Code", "Unknown"))
                message = stable_message(str(value.get("Message", error)))
                refusal = CloudError(classify(call.operation, code, message), code, message, call.operation)
                _log_call(call, error.response, began, refusal)
                raise refusal from error
            except botocore.exceptions.BotoCoreError as error:
                if attempt.refusal is not None:
                    raise attempt.refusal from error
                refusal = _not_sent_error(error, call.operation)
                if attempt.unanswered and call.changes:
                    refusal = CloudError(Fault.UNANSWERED, UNANSWERED, UNKNOWN, call.operation)
                _log_call(call, {}, began, refusal)
                raise refusal from error
            except CloudError as refusal:
                if refusal is not attempt.refusal:
                    _log_call(call, {}, began, refusal)
                raise
        _log_call(call, answer, began, None)
        answer.pop("ResponseMetadata", None)
        return answer

    def _send_with_retries(self, call: Call, attempt: Attempt) -> Json:
        """Send a call, again if the connection or the server failed; but no change whose answer did not come."""
        try:
            return self._send(call)
        except botocore.exceptions.ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") not in _PASSING:
                raise
        except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError) as error:
            sent = isinstance(error, botocore.exceptions.ReadTimeoutError)  # time-out of the answer
            attempt.ambiguous, attempt.unanswered = attempt.ambiguous or sent, attempt.unanswered or sent
        return self._send(call)

    def _send(self, call: Call) -> Json:
        client = self._client(call.service)
        with parsing_errors(call.operation):
            answer: Json = client._make_api_call(call.operation, dict(call.params))  # noqa: SLF001 - the one computed name
            if "Body" in answer and isinstance(answer["Body"], StreamingBody):
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


def _name(call: Call) -> str:
    return f"{call.service}:{call.operation}"


def _log_call(call: Call, answer: Any, began: float, refusal: CloudError | None) -> None:
    if call.listener:
        metadata = answer.get("ResponseMetadata", {})
        request, status = str(metadata.get("RequestId", "")), int(metadata.get("HTTPStatusCode", 0))
        took = time.monotonic() - began
        code, fault = (refusal.code, refusal.fault) if refusal else ("", None)
        call.listener(ResponseRecord(call.service, call.operation, code, request, took, fault, status))


def _not_sent_error(error: botocore.exceptions.BotoCoreError, operation: str) -> CloudError:
    code = type(error).__name__
    denied = any(each in code for each in ("Credential", "Token", "SSO", "Login"))
    fault = Fault.DENIED if denied else Fault.INVALID if "Region" in code else Fault.UNKNOWN
    refusal = CloudError(fault, code, str(error), operation)
    refusal.answered = False
    return refusal


def connect(
    *,
    region: str | None,
    profile: str | None = None,
    role_arn: str | None = None,
    external_id: str | None = None,
    endpoint_url: str | None = None,
    attach: Attach | None = None,
    at_once: int = CONCURRENT_CALLS,
    limiters: RateLimiters | None = None,
) -> Cloud:
    """Open a session and return the cloud of an account and region.

    Args:
        region: AWS region; None takes the environment's or the profile's.
        profile: a profile of the AWS configuration files.
        role_arn: a role to assume for all calls.
        external_id: the external id that the role's trust policy requests.
        endpoint_url: endpoint URL for all services, such as a sandbox's.
        attach: called with the botocore session before any client is made. The embedded sandbox is attached here, and
            then no credentials are needed.
        at_once: the number of concurrent calls; as many connections are kept.
        limiters: the rate limiters of the process. Without them the documented rates apply to AWS, and none to another
            endpoint.

    Raises:
        CloudError: the profile is unknown, or the role can't be assumed.

    """
    if limiters is None:
        limiters = rate_limiters("sandbox" if attach else endpoint_url)
    try:
        core = botocore.session.Session(profile=profile)
        share_models(core, whole=False)
        if attach:
            core.set_credentials("sandbox", "sandbox")
            attach(core)
        session = boto3.Session(botocore_session=core, region_name=region)
        if role_arn:
            first = Aws(session, endpoint_url, limiters=limiters)
            session = assume_role(first, role_arn, external_id, session.region_name)
    except botocore.exceptions.BotoCoreError as error:
        raise _not_sent_error(error, "connect") from error
    return Aws(session, endpoint_url, at_once, limiters)
