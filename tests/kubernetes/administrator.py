"""Attempts of a namespace's users to do what the administrator forbids, each with the rule that refuses it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.engine.observed import OWNER
from controller.schema.leaf import MOST_TAGS
from tests.kubernetes.documents import ROLE, document, group, model, pipeline
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import wait_until

Json = dict[str, Any]
GROUP, PIPELINE, SYNC = "ModelPackageGroup", "Pipeline", "GitSync"
KINDS = [GROUP, PIPELINE, "Artifact", SYNC]
DEFINITION = '{"Version": "2020-12-01", "Steps": []}'
DELETE = {"deletion": "Delete"}


def tenants_file(namespace: str, repository: str) -> str:
    """The tenants file (JSON is YAML)."""
    allow = {
        "kinds": KINDS,
        "adopt": "Never",
        "replace": False,
        "deletion": False,
        "sourceRepos": [repository],
        "sets": ["granted.*"],
    }
    own = {"allow": allow, "defaultTags": {"env": "prod"}}
    return json.dumps({"namespaces": {namespace: own, "victim": {}}}, indent=1)


@dataclass
class RestrictedNamespace:
    """A namespace with an administrator's rules; ``files`` are those of its repository."""

    followed: GitSyncStage
    files: dict[str, str] = field(default_factory=dict)

    def push(self, **files: str) -> None:
        """Push files besides the existing ones; an empty one is removed."""
        self.files |= {f"{name}/a.yaml": text for name, text in files.items()}
        self.followed.push(
            {"readme.md": "fleet", **{name: text for name, text in self.files.items() if text}}
        )

    def ready(self, *documents: Json) -> None:
        """Apply documents and wait until they are Ready."""
        self.followed.stage.apply(*documents)
        for each in documents:
            kind, name = each["kind"], each["metadata"]["name"]
            wait_until(lambda kind=kind, name=name: self.followed.stage.reason(kind, name) == "Ready")  # type: ignore[misc]

    def delete(self, kind: str, name: str) -> None:
        """``kubectl delete`` without waiting."""
        self.followed.stage.kubectl.must(
            "delete", f"{kind.lower()}.sagemaker.gitops.dev", name, "--wait=false"
        )

    def theirs(self, name: str, *, owner: str = "") -> None:
        """Create a pipeline as another user."""
        tags = [{"Key": OWNER, "Value": owner}] if owner else []
        self.followed.stage.client().create_pipeline(
            PipelineName=name,
            PipelineDefinition=DEFINITION,
            RoleArn=ROLE,
            ClientRequestToken=name.ljust(32, "-"),
            Tags=tags,
        )

    def sync(self, name: str, **spec: Any) -> None:
        """``kubectl apply`` a GitSync of its folder."""
        self.followed.follow(name, path=name, **spec)


@dataclass(frozen=True)
class Attempt:
    """One attempt: what exists before, what is tried, which object is refused, and by which rule."""

    on: tuple[str, str]
    rule: str
    tries: Callable[[RestrictedNamespace], None]
    before: Callable[[RestrictedNamespace], None] = lambda _: None
    reason: str = "NotAllowed"


def as_yaml(*documents: Json) -> str:
    """Documents as a file of a repository."""
    return "---\n".join(json.dumps(each) + "\n" for each in documents)


def _object_attempt(made: Json, rule: str, before: Callable[[RestrictedNamespace], None]) -> Attempt:
    where = made["kind"], made["metadata"]["name"]
    return Attempt(where, rule, lambda ruled: ruled.followed.stage.apply(made), before)


def _adoption_attempt(name: str, adopt: str, owner: str) -> Attempt:
    made = pipeline("ours", {"adopt": adopt}, name=name)
    return _object_attempt(made, "allow.adopt", lambda ruled: ruled.theirs(name, owner=owner))


def _create_artifact(namespace: RestrictedNamespace) -> None:
    """Create an artifact as another user."""
    source = {"SourceUri": "s3://bucket/theirs"}
    namespace.followed.stage.client().create_artifact(
        ArtifactName="theirs", ArtifactType="DataSet", Source=source
    )


def _adopt_by_arn(namespace: RestrictedNamespace) -> None:
    arn = namespace.followed.stage.client().list_artifacts()["ArtifactSummaries"][0]["ArtifactArn"]
    spec = {"artifactType": "DataSet", "source": {"sourceUri": "s3://bucket/theirs"}}
    namespace.followed.stage.apply(document("Artifact", "by-arn", spec, {"adopt": "Always", "arn": arn}))


def _deletion_attempt(name: str, policy: Json | None, **notes: str) -> Attempt:
    made = group(policy=policy, name=name, **notes)
    return Attempt(
        (GROUP, name), "allow.deletion", lambda ruled: ruled.delete(GROUP, name), lambda r: r.ready(made)
    )


def _delete_confirmed(namespace: RestrictedNamespace) -> None:
    """Delete an object with ``deletion: Confirm``, and approve whatever its status shows."""
    stage = namespace.followed.stage
    namespace.delete(GROUP, "approved")
    wait_until(lambda: stage.reason(GROUP, "approved") == "NotAllowed")
    stage.annotate(
        GROUP, "approved", approve=stage.get(GROUP, "approved")["status"].get("fingerprint", "0" * 64)
    )


def _settings_attempt(name: str, rule: str, reason: str = "NotAllowed", **spec: Any) -> Attempt:
    """A GitSync whose own settings request too much; ``{}`` in them is the namespace."""

    def tries(ruled: RestrictedNamespace) -> None:
        namespace = ruled.followed.stage.kubectl.namespace
        ruled.sync(name, **json.loads(json.dumps(spec).replace("NAMESPACE", namespace)))

    return Attempt(
        (SYNC, name), rule, tries, lambda ruled: ruled.push(**{name: as_yaml(group(name=name))}), reason
    )


def _report_attempt(name: str, host: str, api: str) -> Attempt:
    fields = {"host": host, "api": api, "repository": "team/fleet", "secretRef": {"name": "forge"}}
    return _settings_attempt(name, "a host that is not allowed", "SourceSettings", report=fields)


def _push_attempt(
    name: str, rule: str, *documents: Json, before: Callable[[RestrictedNamespace], None] = lambda _: None
) -> Attempt:
    """A GitSync that is allowed, of documents that are not."""

    def tries(namespace: RestrictedNamespace) -> None:
        namespace.push(**{name: as_yaml(*documents)})
        namespace.sync(name)

    return Attempt((SYNC, name), rule, tries, before, "Failed")


def _ready_sync_attempt(
    name: str, first: str, then: Callable[[RestrictedNamespace], None], rule: str, **spec: Any
) -> Attempt:
    """A GitSync that was Ready, and what is tried with it afterwards."""

    def before(namespace: RestrictedNamespace) -> None:
        namespace.push(**{name: first})
        namespace.sync(name, **spec)
        namespace.followed.ready(name)

    return Attempt((SYNC, name), rule, then, before, "Failed")


def _other_namespace_attempt(made: Json, namespace: str) -> Json:
    return {**made, "metadata": {**made["metadata"], "namespace": namespace}}


_MESSAGE = {"url": "https://169.254.169.254/latest", "secretRef": {"name": "signing"}}
_CROWDED = {
    "modelPackageGroupDescription": "x",
    "tags": {f"key-{number}": "x" for number in range(MOST_TAGS)},
}
_REPLACED = group("one", {"replace": "Allow"}, name="fixed"), group("two", {"replace": "Allow"}, name="fixed")

ATTEMPTS: Mapping[str, Attempt] = {
    # First, because a refused GitSync blocks deletions by others of its namespace.
    "prune": _ready_sync_attempt(
        "prune",
        as_yaml(group(name="prune-1"), group(policy=DELETE, name="prune-2")),
        lambda ruled: ruled.push(prune=as_yaml(group(name="prune-1"))),
        "allow.deletion",
        prune=True,
    ),
    "delete a sync with what it made": _ready_sync_attempt(
        "end",
        as_yaml(group(name="end")),
        lambda ruled: ruled.delete(SYNC, "end"),
        "allow.deletion",
        deletion="Delete",
    ),
    "adopt what another set owns": _adoption_attempt("theirs-1", "Always", "victim.prod/Pipeline/theirs-1"),
    "adopt what the operator's set owns": _adoption_attempt(
        "theirs-2", "Always", "default/victim/Pipeline/theirs-2"
    ),
    "adopt what nobody owns": _adoption_attempt("theirs-3", "IfUnowned", ""),
    "adopt by ARN": Attempt(("Artifact", "by-arn"), "allow.adopt", _adopt_by_arn, _create_artifact),
    "replace": _object_attempt(_REPLACED[1], "allow.replace", lambda ruled: ruled.ready(_REPLACED[0])),
    "delete": _deletion_attempt("plain", None),
    "delete as the policy says": _deletion_attempt("says", DELETE),
    "delete with a confirmation": _deletion_attempt("confirmed", DELETE, confirm_deletion="Delete"),
    "delete with an approval": Attempt(
        (GROUP, "approved"),
        "allow.deletion",
        _delete_confirmed,
        lambda ruled: ruled.ready(group(policy={"deletion": "Confirm"}, name="approved")),
    ),
    "make a kind": _object_attempt(model(name="kind-1"), "allow.kinds", lambda _: None),
    "make a kind in mode Plan": _object_attempt(
        {**model(policy={"mode": "Plan"}, name="kind-2")}, "allow.kinds", lambda _: None
    ),
    "tag a resource with all that it takes": Attempt(
        (GROUP, "crowded"),
        "with defaultTags",
        lambda ruled: ruled.followed.stage.apply(document(GROUP, "crowded", _CROWDED)),
        reason="InvalidSpec",
    ),
    "own the set of an operator without a cluster's": _settings_attempt(
        "set-1", "must begin with", set="default"
    ),
    "own another namespace's set": _settings_attempt("set-2", "must begin with", set="victim.prod"),
    "own a set that begins alike": _settings_attempt("set-3", "must begin with", set="NAMESPACEx.prod"),
    "own a set named as the namespace": _settings_attempt("set-4", "must begin with", set="NAMESPACE"),
    "own a set that is almost granted": _settings_attempt("set-5", "must begin with", set="granted"),
    "report into the cluster": _report_attempt("report-1", "gitea", "https://kubernetes.default.svc/api"),
    "report to another port": _report_attempt("report-2", "github", "https://api.github.com:6443/"),
    "report to another forge's host": _report_attempt("report-3", "github", "https://gitlab.com/api/v4"),
    "report to a longer name": _report_attempt("report-4", "github", "https://api.github.com.evil.example/"),
    "report to the metadata service": _report_attempt("report-5", "gitlab", "https://169.254.169.254/latest"),
    "message to the metadata service": _settings_attempt(
        "message", "allowed hosts", "SourceSettings", message=_MESSAGE
    ),
    "follow another repository": _settings_attempt(
        "repository", "allow.sourceRepos", source={"url": "https://127.0.0.1:1/fleet.git"}
    ),
    "push a kind": _push_attempt("push-1", "allow.kinds", model(name="push-1")),
    "push an adoption": _push_attempt(
        "push-2",
        "allow.adopt",
        pipeline("ours", {"adopt": "Always"}, name="theirs-4"),
        before=lambda ruled: ruled.theirs("theirs-4", owner="victim.prod/Pipeline/theirs-4"),
    ),
    "push an adoption for another namespace": _push_attempt(
        "push-3",
        "allow.adopt",
        _other_namespace_attempt(pipeline("ours", {"adopt": "Always"}, name="theirs-5"), "victim"),
        before=lambda ruled: ruled.theirs("theirs-5", owner="default/victim/Pipeline/theirs-5"),
    ),
    "push a kind for another namespace": _push_attempt(
        "push-4", "allow.kinds", _other_namespace_attempt(model(name="push-4"), "victim")
    ),
    "push a replacement": _ready_sync_attempt(
        "push-5",
        as_yaml(group("one", {"replace": "Allow"}, name="push-5")),
        lambda ruled: ruled.push(**{"push-5": as_yaml(group("two", {"replace": "Allow"}, name="push-5"))}),
        "allow.replace",
    ),
}
