"""The settings of a sync, as rows: the definition of what a GitSync, a file of syncs and the options of a sync have.

The definition of GitSync, the defaults of the file, the options of ``sagectl sync`` and docs/reference.md are made from
these rows. This module imports only small modules, because the command line needs the rows to build its parser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from controller.core.ref import LONGEST, SUBDOMAIN

_LABEL, _SET, _URL, _REF, _PATTERN, _REPOSITORY, _SHORT = 63, 128, 2048, 1024, 512, 512, 255
NAMED = f"^[a-z0-9]([a-z0-9-]{{0,{_LABEL - 2}}}[a-z0-9])?$"
LONGEST_NAME = _LABEL
MOST_TAGS = 46  # schema.tags: 50 less the four of this project; a test compares them
ONE_REF = ("branch", "tag", "semver", "commit", "name")
HOSTS = ("github", "gitlab", "gitea", "bitbucket-cloud", "bitbucket-datacenter")

_Schema = Mapping[str, Any]
_TEXT: _Schema = MappingProxyType({"type": "string"})
_SWITCH: _Schema = MappingProxyType({"type": "boolean"})
_NAME: _Schema = MappingProxyType({"type": "string", "maxLength": LONGEST, "pattern": f"^{SUBDOMAIN}$"})


@dataclass(frozen=True)
class SyncField:
    """One setting of a sync.

    Attributes:
        description: its effect, in a sentence.
        schema: its JSON Schema, without the description; empty if a GitSync does not have it.
        spec: its dotted path in the ``spec`` of a GitSync; empty if there is none.
        file: its dotted path in an entry of a file of syncs, likewise.
        flag: the option of ``sagectl sync`` that sets it for one sync; empty if there is none.
        metavar: the placeholder of the option's value; empty for a switch, or for the option's own name.
        option: the help of the option, if it differs from the description.
        default: the value if it is left out, as it would be written; None if there is none.
        required: whether a GitSync must have it.

    """

    description: str
    schema: _Schema
    spec: str = ""
    file: str = ""
    flag: str = ""
    metavar: str = ""
    option: str = ""
    default: str | bool | None = None
    required: bool = False

    @property
    def help(self) -> str:
        """The help of the option: lower case at the start, no period, and the default."""
        text = (self.option or self.description).removesuffix(".")
        start = text[0] if text[1:2].isupper() else text[0].lower()
        default = f" (default {self.default})" if isinstance(self.default, str) and not self.option else ""
        return f"{start}{text[1:]}{default}".replace("%", "%%")

    @property
    def is_switch(self) -> bool:
        """Whether the option takes no value."""
        return bool(self.option) and not self.metavar

    @property
    def description_with_default(self) -> str:
        """The description with the default, for a definition."""
        return (
            f"{self.description} Default {self.default}."
            if isinstance(self.default, str)
            else self.description
        )


@dataclass(frozen=True)
class FieldGroup:
    """An object within a spec: its description, and the rules between its members."""

    description: str
    rules: tuple[_Schema, ...] = ()


def _one_word(**more: Any) -> _Schema:
    return {**_TEXT, **more}


def _time(least: str) -> _Schema:
    rule = {"rule": f"duration(self) >= duration('{least}')", "message": f"it is {least} or longer"}
    return {**_TEXT, "pattern": "^[0-9]{1,7}(s|m|h)$", "x-kubernetes-validations": [rule]}


def _set_of(items: _Schema, most: int) -> _Schema:
    return {"type": "array", "maxItems": most, "x-kubernetes-list-type": "set", "items": dict(items)}


def _secret() -> _Schema:
    name = {"description": "Its name.", **_NAME}
    return {"type": "object", "required": ["name"], "properties": {"name": name}}


_PATTERNS: _Schema = {
    "type": "array",
    "maxItems": 200,
    "items": {"type": "string", "minLength": 1, "maxLength": _PATTERN},
}
_TAG_KEYS = _set_of({"type": "string", "minLength": 1, "maxLength": 128}, MOST_TAGS)
_ADDRESS = _one_word(maxLength=_URL, pattern=r"^https://[^@\s]+$")
_BRANCHED = _one_word(minLength=1, maxLength=_REF)
_PATH_RULE = "!self.startsWith('/') && !self.startsWith('-') && !self.split('/').exists(part, part == '..')"
_PATH: _Schema = {
    **_TEXT,
    "maxLength": _REF,
    "x-kubernetes-validations": [
        {"rule": _PATH_RULE, "message": "a path is relative to the repository and stays in it"}
    ],
}
_SAME = "A Secret of the same namespace."

GROUPS: Mapping[str, FieldGroup] = MappingProxyType(
    {
        "source": FieldGroup(
            "The Git repository, revision and path.",
            (
                {
                    "rule": "!self.url.startsWith('ssh://') || has(self.secretRef)",
                    "message": "ssh needs a secretRef with identity and known_hosts",
                    "fieldPath": ".secretRef",
                },
            ),
        ),
        "source.ref": FieldGroup(
            f"Which revision: exactly one of {', '.join(ONE_REF)}.",
            (
                {
                    "rule": f"[{', '.join(f'has(self.{name})' for name in ONE_REF)}].filter(each, each).size() == 1",
                    "message": f"exactly one of {', '.join(ONE_REF)} must be given",
                },
            ),
        ),
        "source.verify": FieldGroup("Accept only commits that one of these keys signed."),
        "ignoreTags": FieldGroup("Tags that others manage: they are neither compared nor overwritten."),
        "report": FieldGroup("Git provider that receives commit statuses and the plans of pull requests."),
        "message": FieldGroup("Webhook that receives the result of each run as signed JSON."),
    }
)

FIELDS: tuple[SyncField, ...] = (
    SyncField(
        "The name of the sync.", {}, file="name", flag="--name", metavar="NAME",
        option="its name, and the set that owns its resources (default: default)",
    ),
    SyncField(
        "The repository: https://host/path or ssh://user@host/path, without credentials.",
        _one_word(maxLength=_URL, pattern=r"^(https://[^@\s]+|ssh://[^@:/\s]+@\S+)$"),
        spec="source.url", file="repo", flag="--repo", metavar="URL", required=True,
        option="the repository: https://host/path, ssh://user@host/path, or a folder of this machine: ./path",
    ),
    SyncField(
        "Follow the newest commit of this branch.",
        _BRANCHED, spec="source.ref.branch", file="branch", flag="--branch",
    ),
    SyncField("Follow this tag.", _BRANCHED, spec="source.ref.tag", file="tag", flag="--tag"),
    SyncField(
        "Follow the highest tag in this range, such as '>=1.2 <2'.",
        _BRANCHED, spec="source.ref.semver", file="semver", flag="--semver",
    ),
    SyncField(
        "Follow this commit, written with all its digits.",
        _one_word(pattern="^([0-9a-f]{40}|[0-9a-f]{64})$"), spec="source.ref.commit", file="commit", flag="--commit",
    ),
    SyncField(
        "Follow the reference of this full name, such as refs/pull/7/head.",
        {**_BRANCHED, "pattern": "^refs/"}, spec="source.ref.name", file="ref", flag="--ref",
    ),
    SyncField(
        "The credentials, by the keys of the Secret: username and password, or bearerToken, or identity (a private key"
        " of SSH) and known_hosts; for https also ca.crt, authorities to trust instead of the system's."
        f" {_SAME}",
        _secret(), spec="source.secretRef",
    ),
    SyncField("A bearer token.", {}, file="login.token"),
    SyncField("The user whose password is given.", {}, file="login.user", flag="--user"),
    SyncField(
        "The password or token.",
        {}, file="login.password",
        flag="--password-env", option="environment variable that holds the password or token", metavar="NAME",
    ),
    SyncField("A private key of SSH.", {}, file="login.key"),
    SyncField("The known hosts of SSH.", {}, file="login.knownHosts"),
    SyncField(
        "Certificates (PEM) of authorities to trust instead of the system's.",
        {}, file="ca", flag="--ca", metavar="FILE",
    ),
    SyncField(
        f"Keys of signers, one in each value: OpenPGP public key blocks or OpenSSH public keys. {_SAME}",
        _secret(), spec="source.verify.secretRef", required=True,
    ),
    SyncField("Keys of signers: accept only commits that one of these signed.", {}, file="signers"),
    SyncField(
        "A folder of the repository; the whole repository where it is left out.",
        _PATH,
        spec="source.path", file="path", flag="--path", metavar="FOLDER",
    ),
    SyncField(
        "Files to read.",
        _PATTERNS, spec="source.include", file="include", default="*.yaml, *.yml, *.json",
    ),
    SyncField(
        "Files to skip, in the syntax of .gitignore, relative to path.",
        _PATTERNS, spec="source.exclude", file="exclude",
    ),
    SyncField(
        "Time between polls of the repository, a tenth more or less.",
        _time("10s"), spec="interval", file="interval", flag="--interval", metavar="TIME", default="60s",
    ),
    SyncField(
        "Time between checks for drift while everything is applied; 1h where events of AWS are received.",
        _time("10s"), spec="driftInterval", file="driftInterval",
        flag="--drift-interval", metavar="TIME", default="10m",
    ),
    SyncField(
        "Time after which a run that still waits for AWS has failed.",
        _time("1s"), spec="timeout", file="timeout", default="1h",
    ),
    SyncField(
        "Time for which a Describe counts where a List shows no changes; else each pass describes such kinds.",
        _time("1s"), spec="observationInterval", file="observationInterval",
    ),
    SyncField("Fixed time between polls of resources in transition; for all syncs --poll.", {}, file="poll"),
    SyncField("true stops all changes, deletions included.", _SWITCH, spec="suspend", file="suspend", default=False),
    SyncField(
        "Apply makes changes, Plan makes only approved ones.",
        _one_word(enum=["Apply", "Plan"]), spec="mode", file="mode",
        flag="--plan-only", option="make only approved changes", default="Apply",
    ),
    SyncField(
        "true deletes resources that no longer have a document; many at once wait for an approval.",
        _SWITCH, spec="prune", file="prune", flag="--prune",
        option="delete resources that no longer have a document", default=False,
    ),
    SyncField(
        "When this object is deleted: Orphan leaves all resources in AWS, Delete deletes those that it owns.",
        _one_word(enum=["Orphan", "Delete"]), spec="deletion", default="Orphan",
    ),
    SyncField(
        "The owner of the resources, written in their tags; the name of the sync where it is left out, for a GitSync"
        " namespace.name. That of a GitSync begins with its namespace and a dot, unless the operator's tenants file"
        " allows another.",
        _one_word(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", maxLength=_SET), spec="set", file="set",
    ),
    SyncField(
        "Syncs that must be applied before a run starts; for a GitSync those of its namespace.",
        _set_of({"type": "string", "maxLength": _LABEL, "pattern": NAMED}, 100), spec="dependsOn", file="dependsOn",
    ),
    SyncField(
        "Strings, numbers and booleans for ${var.NAME} in documents.",
        {
            "type": "object",
            "maxProperties": 500,
            "additionalProperties": {"x-kubernetes-preserve-unknown-fields": True},
        },
        spec="values", file="values",
    ),
    SyncField("A YAML file with values for ${var.NAME}.", {}, file="valuesFile", flag="--values", metavar="FILE"),
    SyncField("Names of values that are never shown.", {}, file="sensitiveVariables"),
    SyncField(
        "Secrets of this namespace that documents may read; none where it is left out.",
        _set_of(_NAME, 100), spec="secrets",
    ),
    SyncField("Environment variables that documents may read as secrets.", {}, file="secretEnv"),
    SyncField("Files that documents may read as secrets.", {}, file="secretFiles"),
    SyncField("Where the inventory is kept: a file or s3://...; for all syncs --inventory.", {}, file="inventory"),
    SyncField(
        "Tags of every resource, unless its document sets them; kinds without tags are skipped.",
        {"type": "object", "maxProperties": MOST_TAGS, "additionalProperties": {"type": "string", "maxLength": 256}},
        spec="defaultTags", file="defaultTags",
    ),
    SyncField("Exact tag keys.", _TAG_KEYS, spec="ignoreTags.keys", file="ignoreTags.keys"),
    SyncField("Prefixes of tag keys.", _TAG_KEYS, spec="ignoreTags.keyPrefixes", file="ignoreTags.keyPrefixes"),
    SyncField("The Git provider.", _one_word(enum=[*HOSTS]), spec="report.host", file="report.host", required=True),
    SyncField(
        "The address of its API, such as https://api.github.com; an address other than the public ones must be allowed"
        " (--report-host of the operator).",
        _ADDRESS, spec="report.api", file="report.api", required=True,
    ),
    SyncField(
        "owner/name of the repository.",
        _one_word(maxLength=_REPOSITORY, pattern=r"^[^/\s]+(/[^/\s]+)+$"),
        spec="report.repository", file="report.repository", required=True,
    ),
    SyncField(
        "The credentials, by the keys of the Secret: token, and ca.crt, authorities to trust besides the system's;"
        f" without it those of the source's Secret. {_SAME}",
        _secret(), spec="report.secretRef", required=True,
    ),
    SyncField("The token.", {}, file="report.token"),
    SyncField("Certificates of authorities to trust; those of the sync where it is left out.", {}, file="report.ca"),
    SyncField(
        "The owner of the token, for providers that take it as a password.",
        _one_word(maxLength=_SHORT), spec="report.user", file="report.user",
    ),
    SyncField(
        "The name of the commit statuses; sagectl/ and the name of the sync where it is left out.",
        _one_word(minLength=1, maxLength=_SHORT), spec="report.context", file="report.context",
    ),
    SyncField(
        "true plans the pull requests onto the branch that is followed.",
        _SWITCH, spec="report.pullRequests", file="report.pullRequests", default=False,
    ),
    SyncField(
        "true also plans those of forks; their documents read no secret.",
        _SWITCH, spec="report.forks", file="report.forks", default=False,
    ),
    SyncField(
        "The address, https, on an allowed host (--message-host of the operator, messageHosts of the file).",
        _ADDRESS, spec="message.url", file="message.url", required=True,
    ),
    SyncField(
        f"The key secret of the Secret signs messages. {_SAME}", _secret(), spec="message.secretRef", required=True
    ),
    SyncField("The secret that signs messages.", {}, file="message.secret"),
)  # fmt: skip

BY_FILE: Mapping[str, SyncField] = MappingProxyType({each.file: each for each in FIELDS if each.file})
BY_SPEC: Mapping[str, SyncField] = MappingProxyType({each.spec: each for each in FIELDS if each.spec})
BY_FLAG: Mapping[str, SyncField] = MappingProxyType({each.flag: each for each in FIELDS if each.flag})


def default_of(name: str) -> str:
    """The default of a string setting in a file of syncs."""
    value = BY_FILE[name].default
    if not isinstance(value, str):
        raise TypeError(f"{name} has no text as its default")
    return value
