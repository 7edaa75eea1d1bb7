"""The model of a file of syncs, in a module of its own so that it is imported only when needed."""

from typing import Annotated, Any, Literal

from pydantic import Field

from controller.core.ref import KEY, LONGEST, SUBDOMAIN
from controller.crds.sync_fields import default_of
from controller.gitops.settings_model import (
    Account,
    Address,
    Label,
    RateLimits,
    Scalar,
    Secure,
    StrictModel,
    TagsModel,
    Text,
    Time,
    model_schema,
)


class KeyModel(StrictModel):
    """A key of a Secret, in a cluster."""

    name: Annotated[str, Field(pattern=f"^{SUBDOMAIN}$", max_length=LONGEST)]
    key: Annotated[str, Field(pattern=f"^{KEY}$", max_length=LONGEST)]


class SecretModel(StrictModel):
    """Where a secret, or another long text, is read from."""

    env: str | None = None
    file: str | None = None
    secret_key_ref: KeyModel | None = None


class LoginModel(StrictModel):
    """A bearer token, a user with a password, or an SSH key with its known hosts."""

    token: SecretModel | None = None
    user: str | None = None
    password: SecretModel | None = None
    key: SecretModel | None = None
    known_hosts: SecretModel | None = None


class ReportModel(StrictModel):
    """Where commit statuses go, and plans of pull requests; those of forks only if enabled.

    ``ca`` defaults to that of the sync.
    """

    host: Literal["github", "gitlab", "gitea", "bitbucket-cloud", "bitbucket-datacenter"]
    api: Secure
    repository: str
    token: SecretModel
    ca: SecretModel | None = None
    user: str = ""
    context: str = ""
    pull_requests: bool = False
    forks: bool = False


class MessageModel(StrictModel):
    """Where messages about a sync's results go, and the key that signs them."""

    url: Secure
    secret: SecretModel


class SyncModel(TagsModel):
    """One sync."""

    name: Label
    repo: str
    path: str = ""
    branch: str | None = None
    tag: str | None = None
    semver: str | None = None
    commit: str | None = None
    ref: str | None = None
    include: list[str] | None = None
    exclude: list[str] | None = None
    login: LoginModel | None = None
    ca: SecretModel | None = None
    signers: list[SecretModel] | None = None
    set: Text | None = None
    mode: Literal["Apply", "Plan"] = "Apply"
    prune: bool = False
    suspend: bool = False
    depends_on: list[str] | None = None
    values: dict[str, Scalar] | None = None
    values_file: str | None = None
    sensitive_variables: list[Text] | None = None
    interval: Time = default_of("interval")
    drift_interval: Time = default_of("driftInterval")
    poll: Time | None = None
    observation_interval: Time | None = None
    timeout: Time = default_of("timeout")
    secret_env: list[str] | None = None
    secret_files: list[str] | None = None
    inventory: Text | None = None
    report: ReportModel | None = None
    message: MessageModel | None = None


class ReceiverModel(StrictModel):
    """One receiver of webhooks."""

    name: Label
    provider: Literal[
        "github", "gitlab", "gitlab-signed", "bitbucket-cloud", "bitbucket-datacenter", "gitea", "generic"
    ]
    secrets: list[SecretModel]
    syncs: list[str]
    repository: str = ""


class WebhooksModel(StrictModel):
    """The address of the webhook server."""

    host: str = "127.0.0.1"
    port: int = 9292
    receivers: list[ReceiverModel]


class ServeModel(StrictModel):
    """Where probes and metrics are served."""

    host: str = "127.0.0.1"
    port: int = 9293


class SyncsModel(StrictModel):
    """A file of syncs: the account, as in ``sagectl.yaml``, and the syncs."""

    account: Account | None = None
    region: Text | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: Address | None = None
    rate_limits: RateLimits = Field(default_factory=dict)
    inventory: Annotated[str, Field(pattern=r"/$")] | None = None
    syncs: list[SyncModel]
    webhooks: WebhooksModel | None = None
    serve: ServeModel | None = None
    message_hosts: list[str] | None = None


def syncs_schema() -> dict[str, Any]:
    """The JSON Schema of a file of syncs, for editors."""
    return model_schema(SyncsModel, "file of syncs")
