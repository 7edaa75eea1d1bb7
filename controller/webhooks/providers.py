"""One row per provider: how it proves itself, and where it says what happened.

Sources: each provider's documentation of webhooks; algorithms and test vectors are those of the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.webhooks import payload
from controller.webhooks.authentication import Proof, bare, prefixed, standard, token


class Provider(Enum):
    """Who sends; configuration says which, headers never do."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITLAB_SIGNED = "gitlab-signed"
    BITBUCKET_CLOUD = "bitbucket-cloud"
    BITBUCKET_DATACENTER = "bitbucket-datacenter"
    GITEA = "gitea"
    GENERIC = "generic"


@dataclass(frozen=True)
class Dialect:
    """How a provider speaks.

    ``event`` is the header that names what happened; a provider without one sends pushes only. ``requests`` are
    events of pull requests. ``ids`` are the
    headers that tell one delivery from another, the best first. ``form``: it may send a form with the event
    in ``payload``, signed as it is sent.
    """

    proof: Proof
    refs: payload.Refs
    repository: Callable[[dict[str, Any]], str]
    event: str = ""
    pushes: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    pings: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    form: bool = False


_GITLAB = frozenset({"Push Hook", "Tag Push Hook"})
_MERGES = frozenset({"Merge Request Hook"})

DIALECTS: Mapping[Provider, Dialect] = MappingProxyType(
    {
        Provider.GITHUB: Dialect(
            proof=prefixed("X-Hub-Signature-256"),
            refs=payload.ref,
            repository=payload.full_name,
            event="X-GitHub-Event",
            pushes=frozenset({"push"}),
            requests=frozenset({"pull_request"}),
            pings=frozenset({"ping"}),
            ids=("X-GitHub-Delivery",),
            form=True,
        ),
        # Idempotency-Key stays the same when GitLab tries again; the event's UUID is older than it.
        Provider.GITLAB: Dialect(
            proof=token("X-Gitlab-Token"),
            refs=payload.ref,
            repository=payload.project,
            event="X-Gitlab-Event",
            pushes=_GITLAB,
            requests=_MERGES,
            ids=("Idempotency-Key", "X-Gitlab-Event-UUID"),
        ),
        Provider.GITLAB_SIGNED: Dialect(
            proof=standard,
            refs=payload.ref,
            repository=payload.project,
            event="X-Gitlab-Event",
            pushes=_GITLAB,
            requests=_MERGES,
            ids=("webhook-id",),
        ),
        Provider.BITBUCKET_CLOUD: Dialect(
            proof=prefixed("X-Hub-Signature"),
            refs=payload.bitbucket_cloud,
            repository=payload.full_name,
            event="X-Event-Key",
            pushes=frozenset({"repo:push"}),
            requests=frozenset({"pullrequest:created", "pullrequest:updated"}),
            ids=("X-Request-UUID",),
        ),
        Provider.BITBUCKET_DATACENTER: Dialect(
            proof=prefixed("X-Hub-Signature"),
            refs=payload.bitbucket_datacenter,
            repository=payload.project_and_slug,
            event="X-Event-Key",
            pushes=frozenset({"repo:refs_changed"}),
            requests=frozenset({"pr:opened", "pr:from_ref_updated", "pr:modified"}),
            pings=frozenset({"diagnostics:ping"}),
            ids=("X-Request-Id",),
        ),
        Provider.GITEA: Dialect(
            proof=bare("X-Gitea-Signature", "X-Forgejo-Signature"),
            refs=payload.ref,
            repository=payload.full_name,
            event="X-Gitea-Event",
            pushes=frozenset({"push"}),
            requests=frozenset({"pull_request", "pull_request_sync"}),
            ids=("X-Gitea-Delivery",),
        ),
        Provider.GENERIC: Dialect(
            proof=prefixed("X-Signature", frozenset({"sha256", "sha512"})),
            refs=payload.generic,
            repository=payload.named,
            ids=("X-Delivery-Id",),
        ),
    }
)
