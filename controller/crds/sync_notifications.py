"""The schema of whom a GitSync tells: the forge of its repository, and an address for messages."""

from controller.crds.scalar import Schema
from controller.crds.status import text
from controller.crds.sync_source import secret

_HOSTS = ("github", "gitlab", "gitea", "bitbucket-cloud", "bitbucket-datacenter")
_URL = 2048
_REPOSITORY = 512
_CONTEXT = 255
_USER = 255
_SECURE = r"^https://[^@\s]+$"


def described_schemas() -> dict[str, Schema]:
    """The schemas of ``spec.report`` and ``spec.message``."""
    return {"report": _report(), "message": _message()}


def described_rules() -> list[Schema]:
    """What concerns the whole object: a pull request has a branch that it wants to be merged into."""
    ref = "self.spec.source.ref"
    return [
        {
            "rule": "!has(self.spec.report) || !has(self.spec.report.pullRequests) || "
            f"!self.spec.report.pullRequests || has({ref}.branch) || "
            f"(has({ref}.name) && {ref}.name.startsWith('refs/heads/'))",
            "message": "pull requests are planned for a branch, and it follows none",
            "fieldPath": ".spec.report.pullRequests",
        }
    ]


def _report() -> Schema:
    return {
        "description": "Where commits are told how they fare, and pull requests what merging them would do.",
        "type": "object",
        "required": ["api", "host", "repository", "secretRef"],
        "properties": {
            "host": {**text("Which forge."), "enum": [*_HOSTS]},
            "api": _address(
                "The address of its API, such as https://api.github.com; others than public ones by --report-host."
            ),
            "repository": {
                **text("owner/name."),
                "maxLength": _REPOSITORY,
                "pattern": r"^[^/\s]+(/[^/\s]+)+$",
            },
            "secretRef": secret(
                "By its keys: token, and ca.crt, authorities to trust besides the system's; without it those of "
                "the source's Secret."
            ),
            "user": {**text("The token's owner, for forges that take it as a password."), "maxLength": _USER},
            "context": {
                **text("The name of the commit statuses; default sagectl/ and the name of this object."),
                "minLength": 1,
                "maxLength": _CONTEXT,
            },
            "pullRequests": _switch("true plans the pull requests onto the branch that is followed."),
            "forks": _switch("true plans those of forks, too; their documents read no Secret."),
        },
    }


def _message() -> Schema:
    return {
        "description": "Where each end of a run is told, as signed JSON.",
        "type": "object",
        "required": ["secretRef", "url"],
        "properties": {
            "url": _address("https, on a host that the operator allows by --message-host."),
            "secretRef": secret("By its key secret, which signs messages."),
        },
    }


def _address(about: str) -> Schema:
    return {**text(about), "maxLength": _URL, "pattern": _SECURE}


def _switch(about: str) -> Schema:
    return {"description": about, "type": "boolean"}
