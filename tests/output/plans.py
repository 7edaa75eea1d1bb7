"""Plans for tests: one step of every action, and every form of a change."""

import json

from controller.core.cloud import Call, Identity
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import (
    Change,
    ConfirmationRequired,
    DependencyForm,
    Edge,
    Effect,
    LiveDetails,
    Plan,
    SecretUse,
    Step,
)
from controller.kinds import Impact
from controller.manifests.resolve import Unknown
from tests.cli.trees import CANARY

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
PACKAGE = Ref("ModelPackage", "v1")


def _definition(message: str) -> str:
    step = {"Name": "stop", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    return json.dumps({"Version": "2020-12-01", "Steps": [step]})


_VARIANT = {"VariantName": "main", "ModelName": Unknown(PACKAGE), "InstanceType": "ml.m5.large"}
_CARD = {"ModelCardStatus": "Draft", "ModelCardContent": json.dumps({"overview": CANARY})}
_OIDC = {"ClientId": "me", "ClientSecret": {"valueFrom": {"env": "CLIENT_SECRET"}}}

CREATE = Step(
    "Model/fraud",
    Ref("Model", "fraud"),
    Action.CREATE,
    Reason.ABSENT,
    "fraud-ab12",
    gradual=False,
    after={
        "ModelName": "fraud-ab12",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": "x:1",
            "ModelPackageName": Unknown(PACKAGE),
            "Environment": {"A": "1", "yes": "\x1b[2J"},
        },
    },
    tags_after={"team": "risk", "sagemaker.gitops.dev/owner": "default/Model/fraud"},
)
SECRET = Step(
    "Workforce/crowd",
    Ref("Workforce", "crowd"),
    Action.CREATE,
    Reason.ABSENT,
    "crowd",
    after={"WorkforceName": "crowd", "OidcConfig": _OIDC},
    secrets=("OidcConfig.ClientSecret",),
    notes=("? oidcConfig.clientSecret not readable",),
    gradual=True,
    calls=(
        Call("CreateWorkforce", {"OidcConfig": {"ClientSecret": SecretUse((("env", "CLIENT_SECRET"),))}}),
    ),
)
UPDATE = Step(
    "Pipeline/train",
    Ref("Pipeline", "train"),
    Action.UPDATE,
    Reason.LIVE_DIFFERS,
    "train",
    f"{ARN}pipeline/train",
    "it was changed outside",
    (
        Call("UpdatePipeline", {"PipelineName": "train"}),
        Call("AddTags", {"ResourceArn": f"{ARN}pipeline/train"}),
    ),
    (
        Change(("PipelineDefinition", "Steps", 0, "Arguments", "ErrorMessage"), "old", "new"),
        Change(("PipelineDescription",), None, "stops"),
        Change(("ParallelismConfiguration",), {"MaxParallelExecutionSteps": 2}, None),
        Change(("PipelineDisplayName",), "a" * 90, "b" * 90),
        Change(("Tags", "team"), "fraud", "risk"),
    ),
    before={"PipelineDefinition": _definition("old"), "RoleArn": ROLE},
    tags_after={"team": "risk"},
    after={
        "PipelineName": "train",
        "PipelineDefinition": _definition("new"),
        "RoleArn": ROLE,
        "PipelineDescription": "stops",
    },
    phase=Phase.READY,
    status="Active",
    gradual=True,
    seen=LiveDetails({"team": "fraud"}, {"PipelineDisplayName": "shown"}, "Active", "2026-01-01"),
)
CARD = Step(
    "ModelPackage/v1",
    PACKAGE,
    Action.UPDATE,
    Reason.SPEC_CHANGED,
    f"{ARN}model-package/fraud/1",
    f"{ARN}model-package/fraud/1",
    "",
    (Call("UpdateModelPackage", {"ModelCard": _CARD}),),
    (
        Change(("ModelCard", "ModelCardContent", "overview"), "before", CANARY),
        Change(("ModelCard", "ModelCardContent", "author"), CANARY, "after"),
    ),
    before={"ModelCard": _CARD},
    after={"ModelCard": _CARD, "ModelApprovalStatus": "Approved"},
    numbered=True,
)
CREATE_BEFORE_DELETE = Step(
    "EndpointConfig/fraud",
    Ref("EndpointConfig", "fraud"),
    Action.CREATE_BEFORE_DELETE,
    Reason.CANNOT_UPDATE,
    "fraud-cd34",
    "",
    "fraud-ab12 is immutable, so a new generation replaces the resource",
    (),
    (Change(("ProductionVariants", "main", "ModelName"), "fraud-ab12", Unknown(PACKAGE), forces=True),),
    after={
        "EndpointConfigName": "fraud-cd34",
        "ProductionVariants": [_VARIANT, {**_VARIANT, "VariantName": "shadow"}],
    },
)
REPLACE = Step(
    "Workteam/reviewers",
    Ref("Workteam", "reviewers"),
    Action.REPLACE,
    Reason.CANNOT_UPDATE,
    "reviewers",
    f"{ARN}workteam/private-crowd/reviewers",
    "workforceName cannot be changed",
    (Call("DeleteWorkteam"), Call("CreateWorkteam")),
    (Change(("WorkforceName",), "one", "two", forces=True),),
    after={"WorkteamName": "reviewers", "WorkforceName": "two", "Description": "people"},
)
SWEEP = Step(
    "EndpointConfig/fraud@fraud-ab12",
    Ref("EndpointConfig", "fraud"),
    Action.DELETE,
    Reason.SUPERSEDED,
    "fraud-ab12",
    f"{ARN}endpoint-config/fraud-ab12",
    "superseded",
    (Call("DeleteEndpointConfig"),),
    needs=frozenset({"Endpoint/fraud"}),
    before={
        "EndpointConfigName": "fraud-ab12",
        "EndpointConfigArn": "x",
        "ProductionVariants": [{"VariantName": "main"}],
    },
)
PRUNE = Step(
    "Endpoint/old@old",
    Ref("Endpoint", "old"),
    Action.DELETE,
    Reason.NO_DOCUMENT,
    "old",
    f"{ARN}endpoint/old",
    "",
    (Call("DeleteEndpoint"),),
    before={"EndpointName": "old", "EndpointConfigName": "old"},
)
REPLACED_ENDPOINT = Step(
    "Endpoint/fraud",
    Ref("Endpoint", "fraud"),
    Action.REPLACE,
    Reason.CREATION_FAILED,
    "fraud",
    f"{ARN}endpoint/fraud",
    "Failed: no capacity",
    (Call("DeleteEndpoint"),),
    before={"EndpointName": "fraud", "EndpointConfigName": "a"},
    after={"EndpointName": "fraud", "EndpointConfigName": "b"},
)
ADOPT = Step(
    "ModelPackageGroup/fraud",
    Ref("ModelPackageGroup", "fraud"),
    Action.ADOPT,
    Reason.ADOPTION_ALLOWED,
    "fraud",
    f"{ARN}model-package-group/fraud",
    "taken over: it carried no ownership tag",
    (Call("AddTags"),),
    (Change(("Tags", "sagemaker.gitops.dev/owner"), None, "default/ModelPackageGroup/fraud"),),
    after={"ModelPackageGroupName": "fraud"},
)
STOP = Step(
    "TrainingJob/churn@churn-1",
    Ref("TrainingJob", "churn"),
    Action.STOP,
    Reason.SUPERSEDED,
    "churn-1",
    f"{ARN}training-job/churn-1",
    "it is stopped",
    (Call("StopTrainingJob", {"TrainingJobName": "churn-1"}),),
    before={"TrainingJobName": "churn-1", "TrainingJobStatus": "InProgress"},
    phase=Phase.CHANGING,
    status="InProgress",
    effects=(
        Effect(Impact.INTERRUPTS, "the run ends early, and cannot go on where it stopped"),
        Effect(Impact.STOPS, "stops 2 x ml.m5.large"),
    ),
)
FORGET = Step(
    "Pipeline/gone@gone",
    Ref("Pipeline", "gone"),
    Action.FORGET,
    Reason.RETAINED,
    "gone",
    detail="policy.deletion is Retain",
)
WAIT = Step(
    "Endpoint/fraud",
    Ref("Endpoint", "fraud"),
    Action.WAIT,
    Reason.IN_TRANSITION,
    "fraud",
    f"{ARN}endpoint/fraud",
    "status: Updating",
    after={"EndpointName": "fraud"},
    phase=Phase.CHANGING,
    status="Updating",
)
BLOCKED = Step(
    "Endpoint/shared",
    Ref("Endpoint", "shared"),
    Action.BLOCKED,
    Reason.NOT_OWNED,
    "shared",
    f"{ARN}endpoint/shared",
    "it exists and carries no ownership tag of ours; policy.adopt: IfUnowned would take it over",
)
WITHHELD = Step(
    "Endpoint/watched",
    Ref("Endpoint", "watched"),
    Action.UPDATE,
    Reason.SPEC_CHANGED,
    "watched",
    f"{ARN}endpoint/watched",
    "",
    (Call("UpdateEndpoint"),),
    (Change(("EndpointConfigName",), "a", "b"),),
    after={"EndpointName": "watched", "EndpointConfigName": "b"},
    withheld="policy.mode is Plan",
    notes=("instance counts and weights stay as they are",),
)
NOOP = Step(
    "Model/same",
    Ref("Model", "same"),
    Action.NOOP,
    Reason.READY,
    "same-1",
    f"{ARN}model/same-1",
    after={"ModelName": "same-1"},
)
QUIET = (NOOP,)
SHOWN_STEPS = (
    CREATE,
    SECRET,
    UPDATE,
    CARD,
    CREATE_BEFORE_DELETE,
    REPLACE,
    SWEEP,
    PRUNE,
    ADOPT,
    STOP,
    FORGET,
    WAIT,
    BLOCKED,
    WITHHELD,
)


EDGES = (
    Edge("Endpoint/fraud", "EndpointConfig/fraud", DependencyForm.NAME),
    Edge("EndpointConfig/fraud", "Model/fraud", DependencyForm.NAME),
    Edge("Model/fraud", "ModelPackage/v1", DependencyForm.OUTPUT),
    Edge("ModelPackage/v1", "ModelPackageGroup/fraud", DependencyForm.NAME),
    Edge("Pipeline/train", "Workteam/reviewers", DependencyForm.ARN),
    Edge("Workteam/reviewers", "Workforce/crowd", DependencyForm.IMPLIED),
)


def plan(*steps: Step, confirmations: tuple[ConfirmationRequired, ...] = ()) -> Plan:
    """A plan of these steps."""
    return Plan(Identity("123456789012", "us-east-1"), "default", steps, confirmations, "f" * 64, EDGES)


EVERYTHING = plan(
    *SHOWN_STEPS,
    NOOP,
    confirmations=(
        ConfirmationRequired(
            "1 deletion exceeds the limit of 0; --confirm-deletes 1 allows it", frozenset({PRUNE.id})
        ),
    ),
)
