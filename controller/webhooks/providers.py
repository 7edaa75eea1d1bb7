"""One row per provider: authentication, and where the payload names repository and refs.

Sources: each provider's documentation of webhooks; algorithms and test vectors are those of the tests.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

from controller.webhooks.authentication import SignatureCheck, bare_digest, prefixed_digest, standard, token

Refs = Callable[[dict[str, Any]], tuple[str, ...]]

_MOST_REFS = 1000
_FORM = "application/x-www-form-urlencoded"


def parse_event(body: bytes, content_type: str = "") -> dict[str, Any] | None:
    """The event as a JSON object; None if it is none."""
    try:
        if content_type.partition(";")[0].strip().lower() == _FORM:
            body = parse_qs(body.decode(), max_num_fields=10)["payload"][0].encode()
        value = json.loads(body)
    except (ValueError, KeyError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def ref(event: dict[str, Any]) -> tuple[str, ...]:
    """GitHub, GitLab, Gitea and Forgejo: the full name in ``ref``, also for a deleted ref and a forced push."""
    return _valid_refs(event.get("ref"))


def bitbucket_cloud(event: dict[str, Any]) -> tuple[str, ...]:
    """``push.changes[]`` with ``new`` and ``old``; ``new`` is null for a deleted ref."""
    names: list[str] = []
    for change in _objects(_object(event.get("push")).get("changes")):
        end = _object(change.get("new")) or _object(change.get("old"))
        room = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(str(end.get("type")))
        if room and isinstance(end.get("name"), str):
            names.append(room + end["name"])
    return _valid_refs(*names)


def bitbucket_datacenter(event: dict[str, Any]) -> tuple[str, ...]:
    """The full names in ``changes[].refId``."""
    return _valid_refs(*(change.get("refId") for change in _objects(event.get("changes"))))


def generic(event: dict[str, Any]) -> tuple[str, ...]:
    """``ref`` or ``refs``, both optional."""
    refs = event.get("refs")
    return _valid_refs(event.get("ref"), *(refs if isinstance(refs, list) else ()))


def full_name(event: dict[str, Any]) -> str:
    """``repository.full_name``: GitHub, Gitea, Forgejo, Bitbucket Cloud."""
    return _text(_object(event.get("repository")).get("full_name"))


def project(event: dict[str, Any]) -> str:
    """``project.path_with_namespace``: GitLab."""
    return _text(_object(event.get("project")).get("path_with_namespace"))


def project_and_slug(event: dict[str, Any]) -> str:
    """``repository.project.key`` and ``repository.slug``: Bitbucket Data Center."""
    repository = _object(event.get("repository"))
    key, slug = _text(_object(repository.get("project")).get("key")), _text(repository.get("slug"))
    return f"{key}/{slug}" if key and slug else ""


def repository_name(event: dict[str, Any]) -> str:
    """``repository`` as a string: the generic dialect."""
    return _text(event.get("repository"))


def _valid_refs(*names: Any) -> tuple[str, ...]:
    return tuple(name for name in names[:_MOST_REFS] if isinstance(name, str) and name.startswith("refs/"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class Provider(Enum):
    """The sender; always from the configuration, never from headers."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITLAB_SIGNED = "gitlab-signed"
    BITBUCKET_CLOUD = "bitbucket-cloud"
    BITBUCKET_DATACENTER = "bitbucket-datacenter"
    GITEA = "gitea"
    GENERIC = "generic"


@dataclass(frozen=True)
class WebhookFormat:
    """The webhooks of a provider.

    ``event`` is the header with the type of event; a provider without one sends only pushes. ``requests`` are events of
    pull requests. ``ids`` are the headers that identify a delivery, the best first. ``form``: it may send a form with
    the event in ``payload``, and signs the form.
    """

    proof: SignatureCheck
    refs: Refs
    repository: Callable[[dict[str, Any]], str]
    event: str = ""
    pushes: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    pings: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    form: bool = False


_GITLAB = frozenset({"Push Hook", "Tag Push Hook"})
_MERGES = frozenset({"Merge Request Hook"})

DIALECTS: Mapping[Provider, WebhookFormat] = MappingProxyType(
    {
        Provider.GITHUB: WebhookFormat(
            proof=prefixed_digest("X-Hub-Signature-256"),
            refs=ref,
            repository=full_name,
            event="X-GitHub-Event",
            pushes=frozenset({"push"}),
            requests=frozenset({"pull_request"}),
            pings=frozenset({"ping"}),
            ids=("X-GitHub-Delivery",),
            form=True,
        ),
        # Idempotency-Key is the same in GitLab's retries; older versions send only the event's UUID.
        Provider.GITLAB: WebhookFormat(
            proof=token("X-Gitlab-Token"),
            refs=ref,
            repository=project,
            event="X-Gitlab-Event",
            pushes=_GITLAB,
            requests=_MERGES,
            ids=("Idempotency-Key", "X-Gitlab-Event-UUID"),
        ),
        Provider.GITLAB_SIGNED: WebhookFormat(
            proof=standard,
            refs=ref,
            repository=project,
            event="X-Gitlab-Event",
            pushes=_GITLAB,
            requests=_MERGES,
            ids=("webhook-id",),
        ),
        Provider.BITBUCKET_CLOUD: WebhookFormat(
            proof=prefixed_digest("X-Hub-Signature"),
            refs=bitbucket_cloud,
            repository=full_name,
            event="X-Event-Key",
            pushes=frozenset({"repo:push"}),
            requests=frozenset({"pullrequest:created", "pullrequest:updated"}),
            ids=("X-Request-UUID",),
        ),
        Provider.BITBUCKET_DATACENTER: WebhookFormat(
            proof=prefixed_digest("X-Hub-Signature"),
            refs=bitbucket_datacenter,
            repository=project_and_slug,
            event="X-Event-Key",
            pushes=frozenset({"repo:refs_changed"}),
            requests=frozenset({"pr:opened", "pr:from_ref_updated", "pr:modified"}),
            pings=frozenset({"diagnostics:ping"}),
            ids=("X-Request-Id",),
        ),
        Provider.GITEA: WebhookFormat(
            proof=bare_digest("X-Gitea-Signature", "X-Forgejo-Signature"),
            refs=ref,
            repository=full_name,
            event="X-Gitea-Event",
            pushes=frozenset({"push"}),
            requests=frozenset({"pull_request", "pull_request_sync"}),
            ids=("X-Gitea-Delivery",),
        ),
        Provider.GENERIC: WebhookFormat(
            proof=prefixed_digest("X-Signature", frozenset({"sha256", "sha512"})),
            refs=generic,
            repository=repository_name,
            ids=("X-Delivery-Id",),
        ),
    }
)
