"""A git server beside the cluster, for tests of GitSyncs."""

from dataclasses import dataclass, field
from typing import Any

from controller.crds.catalog import MEMORY, SYNC
from tests.kubernetes.operator_process import USER, OperatorStage, wait_until
from tests.kubernetes.syncs import gitsync_object
from tests.source.git.forge import Forge
from tests.source.git.repository import Files, Repository

Json = dict[str, Any]
LOGIN = "login"
RBAC = "rbac.authorization.k8s.io"


@dataclass
class GitSyncStage:
    """A stage with an operator's permissions, an account, and a repository on a git server over TLS."""

    stage: OperatorStage
    forge: Forge
    repository: Repository
    tokens: int = field(default=0)

    def prepare(self, **keys: str) -> None:
        """Allow the operator to read Secrets here, and write the one with the server's authority and these keys."""
        self.login(**keys)
        role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "sagemaker-gitops-secrets"}
        metadata = {"name": "secrets"}
        binding = {"kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": [USER]}
        self.stage.apply({"apiVersion": f"{RBAC}/v1", **binding})

    def login(self, **keys: str) -> None:
        """Write the Secret."""
        fields = {"ca.crt": self.forge.issued.authority, **keys}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": LOGIN}, "stringData": fields}
        self.stage.apply(secret)

    def push(self, files: Files) -> str:
        """Push a commit that contains only these files."""
        return self.repository.commit(files)

    def follow(self, name: str = "prod", path: str = "deploy", **spec: Any) -> None:
        """Apply a GitSync of a folder of the repository."""
        source = {"path": path, "secretRef": {"name": LOGIN}, **spec.pop("source", {})}
        self.stage.apply(gitsync_object(self.forge.url(), name, source, **spec))

    def get(self, name: str = "prod") -> Json:
        """The GitSync from the API server."""
        return self.stage.get(SYNC.kind, name)

    def status(self, name: str = "prod") -> Json:
        """Its status."""
        return dict(self.get(name).get("status") or {})

    def reason(self, name: str = "prod") -> str:
        """The reason of its condition."""
        return self.stage.reason(SYNC.kind, name)

    def ready(self, name: str = "prod", revision: str = "") -> Json:
        """Wait as ``kubectl wait`` does, for this revision; returns the status."""
        if revision:
            wait_until(lambda: self.status(name).get("lastApplied", {}).get("revision") == revision)
        wait_until(lambda: self.stage.is_ready(SYNC.kind, name))
        return self.status(name)

    def request_poll(self, name: str = "prod", token: str = "") -> str:
        """Request a poll now, and wait until it is done."""
        self.tokens += 1
        token = token or f"look-{self.tokens}"
        self.stage.annotate(SYNC.kind, name, reconcile_at=token)
        wait_until(lambda: self.status(name).get("lastHandledReconcileAt") == token)
        return token

    def gone(self, name: str = "prod") -> bool:
        """Whether the GitSync is deleted."""
        return name not in {each["metadata"]["name"] for each in self.stage.kubectl.found(SYNC.kind)}

    def inventory_objects(self) -> list[Json]:
        """The inventory objects of the namespace."""
        return self.stage.kubectl.found(MEMORY.kind, MEMORY.api_version)
