"""The shape of the tenants file (``sagectl operator --tenants``)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from controller.core.did_you_mean import did_you_mean
from controller.crds.own_kinds import SYNC
from controller.gitops.settings_model import Label, Strict, TagsModel, Text
from controller.kinds import KINDS
from controller.manifests.document import Adopt, Deletion

KIND_NAMES = frozenset({*KINDS, SYNC.kind})


def _kind(name: str) -> str:
    if name not in KIND_NAMES and name != "*":
        raise ValueError(f"there is no such kind {did_you_mean(name, KIND_NAMES)}".rstrip())
    return name


Kind = Annotated[str, AfterValidator(_kind)]
SetName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\*?$")]
# The host is written out, so that no entry allows a host that merely begins like it.
Repository = Annotated[str, Field(pattern=r"^(https|ssh)://[^/\s*]+/[^\s*]*\*?$|^\*$")]
HostName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$")]
Namespace = Label | Literal["*"]


class AllowModel(Strict):
    """What the documents of a namespace may ask for."""

    kinds: list[Kind] | None = None
    adopt: Annotated[Adopt, Field(strict=False)] | None = None
    replace: bool | None = None
    deletion: bool | None = None
    sets: list[SetName] | None = None
    source_repos: list[Repository] | None = None
    report_hosts: list[HostName] | None = None
    message_hosts: list[HostName] | None = None


class DefaultsModel(TagsModel):
    """What holds for each namespace that does not say otherwise."""

    allow: AllowModel = Field(default_factory=AllowModel)
    deletion_policy: Annotated[Deletion, Field(strict=False)] | None = None


class NamespaceModel(DefaultsModel):
    """The role of a namespace, and what it may do with it."""

    role_arn: Text | None = None
    external_id: Text | None = None
    region: Text | None = None
    mode: Literal["Apply", "Plan"] = "Apply"


class TenantsModel(Strict):
    """The whole file; a namespace that it does not name, nor covers by ``*``, is refused."""

    namespaces: dict[Namespace, NamespaceModel | None]
    defaults: DefaultsModel = Field(default_factory=DefaultsModel)
    across_namespaces: bool = False
