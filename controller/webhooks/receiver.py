"""The configuration of receivers: sender, secrets, and the syncs to poll after a push."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from controller.runtime.hidden_text import SecretText
from controller.webhooks.authentication import decode_token
from controller.webhooks.delivery import Delivery
from controller.webhooks.providers import Provider

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MOST_SECRETS = 2
_SHORTEST_TOKEN = 24  # bytes; Standard Webhooks requires 24 to 64, GitLab makes 32


@dataclass(frozen=True)
class Watch:
    """A sync that polls after a push to a ref: its key, and the refs.

    ``refs`` are full names, in which ``*`` matches any characters: ``refs/heads/main``, ``refs/tags/v*``; a branch and
    a tag of one name differ. None means every ref. ``repository`` as the provider writes it (``owner/name``) is for
    hooks of a whole organisation; empty means every repository.
    """

    key: str
    refs: tuple[str, ...] = ()
    repository: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a watch needs the key of who looks")
        if not all(ref.startswith("refs/") for ref in self.refs):
            raise ValueError(f"the refs that {self.key} follows are written whole, such as refs/heads/main")

    def matches(self, delivery: Delivery) -> bool:
        """Whether a delivery matches; one without refs or repository does."""
        return self._follows_repository(delivery.repository) and self._follows_refs(delivery.refs)

    def _follows_repository(self, name: str) -> bool:
        return not (self.repository and name) or self.repository.casefold() == name.casefold()

    def _follows_refs(self, moved: tuple[str, ...]) -> bool:
        found = (fnmatchcase(ref, followed) for ref in moved for followed in self.refs)
        return not (self.refs and moved) or any(found)


@dataclass(frozen=True)
class Receiver:
    """One path ``/hooks/<name>`` with one provider and one secret (two during a rotation).

    Raises:
        ValueError: it is invalid, such as one without a secret. The message contains no secret.

    """

    name: str
    provider: Provider
    secrets: tuple[SecretText, ...]
    watches: tuple[Watch, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("a receiver's name has small letters, digits and hyphens, 63 at most")
        problem = self._problem()
        if problem:
            raise ValueError(f"receiver {self.name}: {problem}")

    def _problem(self) -> str:
        if not self.secrets or not all(secret.reveal().strip() for secret in self.secrets):
            return "the secret is missing or empty; requests could not be authenticated"
        if len(self.secrets) > _MOST_SECRETS:
            return "more than two secrets; remove the one that was replaced"
        if self.provider is Provider.GITLAB_SIGNED and not all(map(_signs, self.secrets)):
            return "a signing token is whsec_ and 24 bytes or more in base64, as GitLab shows it once"
        return "" if self.watches else "no sync is triggered by a push"


def _signs(secret: SecretText) -> bool:
    return len(decode_token(secret)) >= _SHORTEST_TOKEN
