"""Requests with each provider's signature and format of a push."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from controller.runtime.hidden_text import SecretText
from controller.webhooks.delivery import Headers
from controller.webhooks.providers import Provider

SECRET = "It's a Secret to Everybody"
KEY = base64.b64encode(b"thirty-two bytes of a signing ke").decode()
NOW = 1_731_705_121.0
MAIN = "refs/heads/main"


def secret_of(provider: Provider) -> str:
    """A secret of the type that the provider uses."""
    return f"whsec_{KEY}" if provider is Provider.GITLAB_SIGNED else SECRET


def secrets_of(*texts: str) -> tuple[SecretText, ...]:
    return tuple(map(SecretText, texts))


@dataclass(frozen=True)
class Request:
    """A request before it is sent."""

    provider: Provider
    pairs: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> Headers:
        """The headers in the form of the handler."""
        return Headers(self.pairs)

    def without(self, name: str) -> "Request":
        """The same without a header."""
        return Request(self.provider, tuple(p for p in self.pairs if p[0] != name), self.body)

    def having(self, name: str, value: str) -> "Request":
        """The same with a header set."""
        return Request(self.provider, (*self.without(name).pairs, (name, value)), self.body)

    def carrying(self, body: bytes) -> "Request":
        """The same proof with another body."""
        return Request(self.provider, self.pairs, body)


def hex_digest(body: bytes, secret: str, digest: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, digest).hexdigest()


def standard_webhook_headers(
    body: bytes, secret: str, *, name: str = "msg_1", at: float = NOW
) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    data = base64.b64encode(hmac.new(key, f"{name}.{int(at)}.".encode() + body, hashlib.sha256).digest())
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{data.decode()}",
    }


# Where each provider puts its proof, and the header that names the event.
PROOF = {
    Provider.GITHUB: "X-Hub-Signature-256",
    Provider.GITLAB: "X-Gitlab-Token",
    Provider.GITLAB_SIGNED: "webhook-signature",
    Provider.BITBUCKET_CLOUD: "X-Hub-Signature",
    Provider.BITBUCKET_DATACENTER: "X-Hub-Signature",
    Provider.GITEA: "X-Gitea-Signature",
    Provider.GENERIC: "X-Signature",
}
EVENT = {
    Provider.GITHUB: ("X-GitHub-Event", "push"),
    Provider.GITLAB: ("X-Gitlab-Event", "Push Hook"),
    Provider.GITLAB_SIGNED: ("X-Gitlab-Event", "Push Hook"),
    Provider.BITBUCKET_CLOUD: ("X-Event-Key", "repo:push"),
    Provider.BITBUCKET_DATACENTER: ("X-Event-Key", "repo:refs_changed"),
    Provider.GITEA: ("X-Gitea-Event", "push"),
}
ID = {
    Provider.GITHUB: "X-GitHub-Delivery",
    Provider.GITLAB: "Idempotency-Key",
    Provider.GITLAB_SIGNED: "webhook-id",
    Provider.BITBUCKET_CLOUD: "X-Request-UUID",
    Provider.BITBUCKET_DATACENTER: "X-Request-Id",
    Provider.GITEA: "X-Gitea-Delivery",
    Provider.GENERIC: "X-Delivery-Id",
}


def proof_headers(provider: Provider, body: bytes, secret: str, name: str, at: float) -> dict[str, str]:
    """The headers that prove a body."""
    if provider is Provider.GITLAB:
        return {"X-Gitlab-Token": secret}
    if provider is Provider.GITLAB_SIGNED:
        return standard_webhook_headers(body, secret, name=name, at=at)
    prefix = "" if provider is Provider.GITEA else "sha256="
    return {PROOF[provider]: prefix + hex_digest(body, secret)}


def signed_request(
    provider: Provider,
    body: bytes,
    *,
    secret: str = "",
    event: str = "",
    name: str = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    at: float = NOW,
) -> Request:
    """A request with everything that the provider sends."""
    pairs = {"Content-Type": "application/json", ID[provider]: name}
    if provider in EVENT:
        pairs[EVENT[provider][0]] = event or EVENT[provider][1]
    pairs |= proof_headers(provider, body, secret or secret_of(provider), name, at)
    if provider is Provider.GITEA:  # Gitea sends the headers of its relatives, too
        pairs |= {
            "X-Gogs-Event": "push",
            "X-GitHub-Event": "push",
            "X-Gogs-Signature": hex_digest(body, SECRET),
        }
    return Request(provider, tuple(pairs.items()), body)


def push_event(provider: Provider, ref: str = MAIN, repository: str = "ml/fleet") -> dict[str, Any]:
    """A push event in the provider's format, with relevant and irrelevant members."""
    if provider in (Provider.GITLAB, Provider.GITLAB_SIGNED):
        project = {"path_with_namespace": repository}
        return {"object_kind": "push", "ref": ref, "checkout_sha": "b" * 40, "project": project}
    if provider is Provider.BITBUCKET_CLOUD:
        kind, name = ("tag", ref[10:]) if ref.startswith("refs/tags/") else ("branch", ref[11:])
        change = {"new": {"type": kind, "name": name}, "old": None, "forced": False}
        return {"push": {"changes": [change]}, "repository": {"full_name": repository}}
    if provider is Provider.BITBUCKET_DATACENTER:
        key, slug = repository.split("/")
        changes = [{"refId": ref, "ref": {"id": ref}, "fromHash": "a" * 40, "toHash": "b" * 40}]
        return {"changes": changes, "repository": {"slug": slug, "project": {"key": key}}}
    if provider is Provider.GENERIC:
        return {"ref": ref, "repository": repository}
    return {"ref": ref, "before": "a" * 40, "after": "b" * 40, "repository": {"full_name": repository}}


def push_request(provider: Provider, ref: str = MAIN, **rest: Any) -> Request:
    """A signed push."""
    return signed_request(provider, json.dumps(push_event(provider, ref)).encode(), **rest)
