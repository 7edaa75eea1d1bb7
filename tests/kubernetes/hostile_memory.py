"""A tenant with permission to write the status of objects and SyncMemory, and a victim in the same AWS account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.aws import connect
from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.crds.catalog import MEMORY, SYNC
from controller.engine.lookup import describe
from controller.engine.provenance import instance_of
from controller.inventory.model import Entry, Inventory, PendingChange
from controller.operator.gitsync.inventory_store import SyncInventoryStore
from controller.operator.kube.api import Api
from controller.operator.signature import Signer
from controller.sandbox import Sandbox
from controller.schema.contract import KEY_GAP, contract
from tests.kubernetes.documents import document
from tests.kubernetes.rig.kubectl import Kubectl
from tests.operator.forged_status import unsigned_memo
from tests.sandbox.conftest import client_of

Json = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
WHERE = ("123456789012", "us-east-1")
SET = "tenant"
READER = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"210987654321"},%s}]}'
POLICY = READER % '"Action":"sagemaker:DescribeModelPackageGroup","Resource":"*"'
PACKAGE = {"Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"}]}
TYPES = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}


@dataclass(frozen=True)
class Target:
    """A victim's resource without an owner in AWS, the tenant's document for it, and what an attacker knows of it."""

    document: Json
    entry: Entry

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.entry.ref.kind


def create_targets(sandbox: Sandbox) -> tuple[Target, ...]:
    """Create a victim's resource of each kind without tags, and a version without a marker."""
    client, cloud = client_of(sandbox), connect(region="us-east-1", attach=sandbox.attach)
    client.create_model_package_group(ModelPackageGroupName="theirs")
    client.put_model_package_group_policy(ModelPackageGroupName="theirs", ResourcePolicy=POLICY)
    version = client.create_model_package(
        ModelPackageGroupName="theirs", InferenceSpecification={**PACKAGE, **TYPES}
    )["ModelPackageArn"]
    steps = '{"Version":"2020-12-01","Steps":[]}'
    client.create_pipeline(
        PipelineName="theirs", RoleArn=ROLE, PipelineDefinition=steps, ClientRequestToken="t" * 32
    )
    execution = client.start_pipeline_execution(PipelineName="theirs", ClientRequestToken="t" * 32)
    arn = execution["PipelineExecutionArn"]
    return (
        _create_association(cloud, client),
        _create_target(
            cloud,
            "ModelPackageGroupPolicy",
            "theirs",
            {"modelPackageGroupName": "theirs", "resourcePolicy": {"Version": "2012-10-17", "Statement": []}},
        ),
        _create_target(
            cloud,
            "PipelineExecution",
            arn,
            {"pipelineName": "theirs", "desiredState": "Stopped"},
        ),
        _create_target(
            cloud,
            "ModelPackage",
            version,
            {"modelPackageGroupName": "theirs", "modelPackageDescription": "mine"},
        ),
    )


def _create_association(cloud: Cloud, client: Any) -> Target:
    """An association of a victim, with the context and the action that it connects."""
    context = client.create_context(ContextName="c", ContextType="t", Source={"SourceUri": "s3://b/c"})[
        "ContextArn"
    ]
    action = client.create_action(ActionName="a", ActionType="t", Source={"SourceUri": "s3://b/a"})[
        "ActionArn"
    ]
    client.add_association(SourceArn=context, DestinationArn=action)
    spec = {"sourceArn": context, "destinationArn": action}
    return _create_target(cloud, "Association", KEY_GAP.join((context, action)), spec)


def _create_target(cloud: Cloud, kind: str, name: str, spec: Json) -> Target:
    kind_contract = contract(kind)
    live = describe(cloud, kind_contract, name)
    assert live is not None
    entry = Entry(Ref(kind, "mine"), name, live.arn, {}, made=1, instance=instance_of(kind_contract, live))
    return Target(document(kind, "mine", spec), entry)


Memo = Callable[[Entry], Json]

# What a tenant writes into ``status.memory`` of its own object.
MEMOS: Mapping[str, Memo] = {
    "unsigned": unsigned_memo,
    "of an earlier version": lambda entry: unsigned_memo(replace(entry, instance="")),
    "as if it were just being made": lambda entry: unsigned_memo(
        replace(entry, instance="pending", attempt=PendingChange("d"))
    ),
    "a signature made up": lambda entry: {**unsigned_memo(entry), "signature": "0" * 64},
}


@dataclass
class Syncs:
    """The inventories of GitSyncs in one namespace, as an operator and as a tenant write them."""

    kubectl: Kubectl
    api: Api
    signer: Signer

    def of(self, name: str, uid: str, *, signer: Signer | None = None) -> SyncInventoryStore:
        """The store that a process opens."""
        ref = Ref(SYNC.kind, name, self.kubectl.namespace)
        return SyncInventoryStore(self.api, ref, uid, SET, "key", signer or self.signer, lambda: True)

    def write(self, store: SyncInventoryStore, *entries: Entry) -> None:
        """Store exactly these entries."""
        held = store.load(*WHERE)
        store.save(Inventory(held.set, *WHERE, held.key, {each.ref: each for each in entries}))

    def objects(self) -> list[Json]:
        """All inventory objects, as they are in the cluster."""
        return self.kubectl.found(MEMORY.kind, MEMORY.api_version)

    def replace(self, objects: list[Json], name: str = "", uid: str = "") -> None:
        """Replace all inventory objects by others; those of another sync if one is named."""
        self.kubectl.send("DELETE", self.kubectl.path(MEMORY.kind, api_version=MEMORY.api_version))
        self.kubectl.apply(*(_with_name(each, name, uid) for each in objects))


def _with_name(value: Json, name: str, uid: str) -> Json:
    metadata = value["metadata"]
    owner = metadata["ownerReferences"][0]
    was = owner["name"]
    kept = {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    document = {key: each for key, each in value.items() if key not in ("metadata", "parts")}
    if "parts" in value:
        document["parts"] = [each.replace(was, name or was, 1) for each in value["parts"]]
    owner = {**owner, "name": name or was, "uid": uid or owner["uid"]}
    called = metadata["name"].replace(was, name or was, 1)
    return {**document, "metadata": {**kept, "name": called, "ownerReferences": [owner]}}
