"""How a person tells that what failed is to be tried again: a change of its document."""

from collections.abc import Mapping

from controller.kinds import KINDS
from tests.journeys.tree import TREE

# One more member, by kind; a run has a member of its own for this, and any other kind policy.retry.
AGAIN: Mapping[str, str] = {
    "Workforce": "ipAddressType: dualstack",
    "Algorithm": "algorithmDescription: again",
    "ModelPackageGroup": "managedConfiguration: {managedStorageType: Restricted}",
    "ModelPackage": "modelPackageDescription: again",
    "FeatureGroup": "description: again",
    "Endpoint": "deploymentConfig: {autoRollbackConfiguration: {alarms: [{alarmName: again}]}}",
    "Hub": "hubDisplayName: again",
    "Cluster": "nodeRecovery: None",
    "ClusterSchedulerConfig": "description: again",
    "ComputeQuota": "description: again",
    "InferenceComponent": "deploymentConfig:\n    rollingUpdatePolicy:\n"
    "      maximumBatchSize: {type: COPY_COUNT, value: 1}\n      waitIntervalInSeconds: 60",
    "InferenceRouter": "inferenceRouterName: fraud\npolicy: {retry: again}",
    "MonitoringSchedule": "desiredState: Stopped",
    "Project": "projectDescription: again",
}


def again(kind: str) -> str:
    """The tree's document of that kind, changed so that it is tried again."""
    if kind in AGAIN or KINDS[kind].lifecycle.runs:
        return TREE[kind] + f"  {AGAIN.get(kind, 'trigger: again')}\n"
    return TREE[kind] + "policy: {retry: again}\n"
