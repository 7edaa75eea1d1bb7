"""IAM's decision on the calls of a run, by the Service Authorization Reference, independent of the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from controller.sandbox.service import Record

# Resource types whose name is not the kind in kebab case (Service Authorization Reference, SageMaker).
_SEGMENTS = {
    "Trial": "experiment-trial",
    "TrialComponent": "experiment-trial-component",
    "AutoMLJob": "automl-job",
    "AutoMLJobV2": "automl-job",
    "AIWorkloadConfig": "ai-workload-config",
}
_VERBS = ("Create", "Describe", "Update", "Delete", "Stop")
# Operations that are about other resources than their name implies, by the member that names each.
_ABOUT = {
    "AssociateTrialComponent": {
        "TrialName": "experiment-trial",
        "TrialComponentName": "experiment-trial-component",
    },
    "DisassociateTrialComponent": {
        "TrialName": "experiment-trial",
        "TrialComponentName": "experiment-trial-component",
    },
    "StartPipelineExecution": {"PipelineName": "pipeline"},
    **{
        f"{verb}ModelPackageGroupPolicy": {"ModelPackageGroupName": "model-package-group"}
        for verb in ("Get", "Put", "Delete")
    },
    **{f"{verb}EndpointPolicy": {"EndpointName": "endpoint"} for verb in ("Get", "Put", "Delete")},
    "CreateEndpoint": {"EndpointName": "endpoint", "EndpointConfigName": "endpoint-config"},
    "UpdateEndpoint": {"EndpointName": "endpoint", "EndpointConfigName": "endpoint-config"},
    "CreateModelPackage": {"ModelPackageGroupName": "model-package-group"},
    "CreateTrial": {"TrialName": "experiment-trial", "ExperimentName": "experiment"},
}
# ARNs of several members (Service Authorization Reference, resource types); an app is a user's or a space's, and what
# begins with an equals sign is literal.
_COMPOSED = {
    "App": ("app", "DomainId", "UserProfileName SpaceName", "AppType", "AppName"),
    "ImageVersion": ("image-version", "ImageName", "Version"),
    "HubContentReference": ("hub-content", "HubName", "=ModelReference", "HubContentName"),
    "HubContent": ("hub-content", "HubName", "HubContentType", "HubContentName"),
    "ModelCardExportJob": ("model-card", "ModelCardName", "=export-job", "ModelCardExportJobName"),
    "Space": ("space", "DomainId", "SpaceName"),
    "UserProfile": ("user-profile", "DomainId", "UserProfileName"),
}
_TAGS = {"sagemaker": "AddTags", "application-autoscaling": "TagResource"}
# Lists that take a resource; all others, and the portfolio's, take none.
_LISTS = {
    "ListPipelineExecutions": "pipeline",
    "ListTags": "",
    "ListImageVersions": "image",
    "ListAliases": "image",
}


@dataclass
class PolicySimulator:
    """Grants what the policies grant; has all ARNs that ever existed."""

    policies: Iterable[Mapping[str, Any]]
    used: set[str] = field(default_factory=set)

    def denied(self, call: Record, arns: Iterable[str]) -> str:
        """Why a call is refused, or nothing."""
        if call.service == "sts":
            return ""  # no permissions are required (API reference, GetCallerIdentity)
        action = f"{'tag' if call.service == 'resourcegroupstaggingapi' else call.service}:{call.operation}"
        self.used.add(action)
        desired = _resources(call, list(arns))
        missing = [arn for arn in desired if not self._granted(action, arn)]
        tags = _TAGS.get(call.service, "")
        if not missing and call.params.get("Tags") and call.operation != tags:
            action = (
                f"{call.service}:{tags}"  # a Create with tags depends on it (Service Authorization Reference)
            )
            self.used.add(action)
            missing = [arn for arn in desired[:1] if not self._granted(action, arn)]
        return f"{action} on {missing}" if missing else ""

    def _granted(self, action: str, arn: str) -> bool:
        return any(
            action in _as_list(statement["Action"])
            and any(_matches_pattern(pattern, arn) for pattern in _as_list(statement["Resource"]))
            for policy in self.policies
            for statement in policy["Statement"]
        )

    def actions(self) -> set[str]:
        """All granted actions."""
        return {
            action
            for policy in self.policies
            for statement in policy["Statement"]
            for action in _as_list(statement["Action"])
        }


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _matches_pattern(pattern: str, arn: str) -> bool:
    return fnmatchcase(arn, pattern.replace("[", "[[]"))


def _resources(call: Record, arns: list[str]) -> list[str]:
    """The resources of the call, as far as its parameters and the account contain them."""
    if call.operation.startswith("List") and call.operation not in _LISTS:
        return ["*"]
    if call.service == "application-autoscaling":
        return ["*"]  # its ARNs have what the service chose at the registration
    if call.operation == "GetResources" or "Portfolio" in call.operation:
        return ["*"]
    named = [
        value for name, value in call.params.items() if name.endswith("Arn") and ":sagemaker:" in str(value)
    ]
    composed = _COMPOSED.get(_kind(call.operation))
    if composed and f"{_kind(call.operation)}Arn" not in call.params:
        return [_composite_arn(call, *composed)]
    segment = _LISTS.get(call.operation) or _segment(call.operation)
    about = _ABOUT.get(call.operation)
    if about is None:
        about = dict.fromkeys(_names(call), segment)
    if named or not about:
        return named or ["*"]
    return [_arn(str(call.params[key]), kind, arns) for key, kind in about.items()]


def _composite_arn(call: Record, segment: str, *members: str) -> str:
    """The ARN of several members; a value that a Create does not have yet, such as a version's number, is the first."""
    given = [
        each[1:]
        if each.startswith("=")
        else next((str(call.params[one]) for one in each.split() if one in call.params), "1")
        for each in members
    ]
    return f"arn:aws:sagemaker:us-east-1:123456789012:{'/'.join((segment, *given))}"


def _names(call: Record) -> list[str]:
    """The member that identifies the resource: its own ID, or the first that is a name."""
    own = f"{_kind(call.operation)}Id"
    return [key for key in call.params if key == own or key.endswith("Name")][:1]


def _arn(name: str, segment: str, arns: list[str]) -> str:
    if name.startswith("arn:"):
        return name
    ends = f":{segment}/"
    found = [arn for arn in arns if ends in arn and arn.rsplit("/", 1)[-1].lower() == name.lower()]
    return next(iter(found), f"arn:aws:sagemaker:us-east-1:123456789012:{segment}/{name}")


def _kind(operation: str) -> str:
    """The kind of the operation, by its name."""
    return next((operation.removeprefix(verb) for verb in _VERBS if operation.startswith(verb)), operation)


def _segment(operation: str) -> str:
    kind = _kind(operation)
    return _SEGMENTS.get(kind) or "".join(f"-{c.lower()}" if c.isupper() else c for c in kind).lstrip("-")
